/// The notebook, from reviews to a checkpoint that Keras evaluates alike, and back.
import Foundation
import Keratin
import TestSupport
import Testing

extension Acceptance {
  @Suite struct ReviewClassifier {
    @Test(.withIMDB, .inRelease)
    func `the notebook's model learns real reviews`() throws {
      let trained = try TrainedOnReviews.results()
      let best = trained.trainings.map { $0.valAcc.max() ?? 0 }
      let mean = best.reduce(0, +) / Double(best.count)
      for training in trained.trainings {
        measured(
          """
          imdb5k, seed \(training.seed): val_acc by epoch \(training.valAcc), \
          \(String(format: "%.1f", training.seconds)) s
          """)
      }
      measured("imdb5k: best val_acc \(best), mean \(mean)")
      #expect(mean >= 0.84)
    }

    @Test(.withIMDB, .inRelease)
    func `training stops and keeps its best epoch as the callbacks say`() throws {
      for training in try TrainedOnReviews.results().trainings {
        let (losses, accuracies) = (training.valLoss, training.valAcc)
        let lowest = try #require(losses.indices.min { losses[$0] < losses[$1] })
        #expect(losses.count == min(20, lowest + 4), "three epochs after the lowest val_loss")
        let first = String(format: "%.5f", accuracies[0])
        #expect(
          training.printed.contains(
            """
            Epoch 1: val_acc improved from -inf to \(first), saving model to \(training.file)
            """))
        #expect(training.printed.contains("Epoch \(losses.count)/20"))
        #expect(!training.printed.contains("Epoch \(losses.count + 1)/20"))
      }
    }

    /// The loss is a mean of 1000 logarithms of 32-bit floats; another order of sums moves it by less
    /// than 1e-6, a wrong clip or a row too many by 1e-4 and more. A logit comes from sums of 768
    /// products, whose order moves a probability by up to 1.2e-6 in what was trained to the end.
    @Test(.withIMDB, .inRelease, .withKeras, arguments: ["k3", "tk"])
    func `Keras evaluates what Keratin trained to the same accuracy and loss`(
      generation: String
    ) throws {
      let trained = try TrainedOnReviews.results()
      let handover = try Handover.findings()
      for training in trained.trainings {
        let name = "imdb_\(training.seed)_\(generation)"
        let found = try #require(try handover.finding(name).evaluation)
        let model = try Model.load(training.file)
        let logs = try model.evaluate(trained.xTest, trained.yTest, verbose: .silent)
        let (loss, acc) = try (#require(logs["loss"]), #require(logs["acc"]))
        let (kerasLoss, kerasAcc) = try (#require(found["loss"]), #require(found["acc"]))
        // An accuracy is a count of 1000 rows.
        #expect(Int((acc * 1000).rounded()) == Int((kerasAcc * 1000).rounded()))
        #expect(acc == training.valAcc.max(), "the file is that of the best epoch")
        #expect(abs(loss - kerasLoss) <= 1e-5)
        let off = expectEqual(
          try model.predict(trained.xTest), try handover.arrays(name).predictions, within: 5e-6,
          "probability")
        measured(
          """
          \(name): Keras says acc \(kerasAcc), loss \(kerasLoss); Keratin acc \(acc), \
          loss off by \(abs(loss - kerasLoss)), probabilities by \(off)
          """)
      }
    }

    /// Tolerances as above; after four short epochs, logits are small and probabilities closer.
    @Test(.withKeras, arguments: ["k3", "tk"])
    func `what Keras trained evaluates to the same here`(generation: String) throws {
      let keras = try KerasSide.files()
      let expected = try #require(keras.answers.best[generation])
      let model = try Model.load(keras.path("best_\(generation).h5"))
      let (x, y) = try (keras.data("long", "xv"), keras.data("long", "yv"))
      let logs = try model.evaluate(x, y, verbose: .silent)
      let (loss, acc) = try (#require(logs["loss"]), #require(logs["acc"]))
      let rows = Double(x.shape[0])
      #expect(Int((acc * rows).rounded()) == Int((expected.acc * rows).rounded()))
      #expect(abs(loss - expected.loss) <= 1e-5)
      let probabilities = try model.predict(x)
      let off = expectEqual(
        probabilities, try keras.arrays("best_\(generation)").predictions, within: 1e-6,
        "probability")
      // A model that knows nothing would say one half of every row.
      let values = probabilities.scalars.floats
      #expect(try #require(values.max()) - #require(values.min()) > 0.2)
      measured(
        """
        best_\(generation).h5: acc \(acc), loss \(loss) off by \(abs(loss - expected.loss)), \
        probabilities by \(off)
        """)
    }
  }
}
