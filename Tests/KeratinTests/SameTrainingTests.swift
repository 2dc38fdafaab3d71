/// Training from the same file, without dropout and shuffling, is Keras's training.
import Foundation
import Keratin
import Testing

extension Acceptance {
  @Suite(.withKeras) struct SameTraining {
    /// What sums of 32-bit floats in another order come to over three epochs is below 1e-5 of a loss
    /// here; a wrong epsilon, a wrong correction of the first steps, or momentum in the wrong place
    /// moves it by 1e-3 and more.
    static let tolerance = 1e-4

    /// Generation, model, optimizer and data of each file of `keratin_make.py`.
    static let names = [
      "k3_review_sgd_reviews", "k3_review_momentum_reviews", "k3_review_nesterov_reviews",
      "k3_review_adam_reviews", "k3_review_rmsprop_reviews", "tk_review_sgd_reviews",
      "tk_review_adam_reviews", "tk_review_rmsprop_reviews", "k3_lstm_adam_reviews",
      "k3_directions_adam_reviews", "k3_norm_adam_reviews", "k3_classes_adam_one_hot",
      "k3_translator_adam_one_hot", "tk_translator_adam_one_hot", "k3_classes_rmsprop_sparse",
      "k3_regression_nesterov_dense",
    ]

    @Test func `every training that Keras did is repeated here`() throws {
      #expect(try Set(KerasSide.files().answers.training.keys) == Set(Self.names))
    }

    @Test(arguments: names)
    func `three epochs lose what they lose in Keras`(name: String) throws {
      let keras = try KerasSide.files()
      let run = try #require(keras.answers.training[name])
      let model = try Model.load(keras.path("start_\(name).h5"))
      let (x, y) = try (keras.data(run.data, "x"), keras.data(run.data, "y"))
      let (xv, yv) = try (keras.data(run.data, "xv"), keras.data(run.data, "yv"))
      let history = try model.fit(
        x, y, epochs: 3, validationData: (xv, yv), shuffle: false, verbose: .silent)
      let worst = expectEqual(
        history, run.history, within: Self.tolerance, rows: x.shape[0],
        validationRows: xv.shape[0], name)

      // A training that stands still would be repeated by anything.
      let losses = try #require(run.history["loss"])
      let progress = try abs(#require(losses.last) / #require(losses.first) - 1)
      #expect(progress > 50 * Self.tolerance, "\(name): Keras itself learned only \(progress)")

      // What the last loss was computed from: every probability, and so every weight.
      let expected = try keras.arrays("end_\(name)")
      let off = expectEqual(
        try model.predict(xv), expected.predictions, within: 1e-3, "predictions of \(name)")
      measured(
        """
        \(name): losses within \(worst) of Keras's, which went from \(losses.first ?? .nan) \
        to \(losses.last ?? .nan); predictions within \(off)
        """)
    }
  }
}
