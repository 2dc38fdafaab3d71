/// One line of standard input: a case that Keras has made.
import Keratin

/// What is asked, as JSON.
///
///     {"model": "7.h5", "arrays": "7.npz", "epochs": 1, "predicted": "7.predicted.npy", …}
///
/// The arrays are the inputs `x0`, `x1`, …, and the targets `y0` where the model is trained.
struct Request {
  let model: String
  let inputs: [Tensor]
  /// One per output; none where the model is not trained.
  let targets: [Tensor]
  /// The steps, each of them on all samples.
  let epochs: Int
  /// Where the predictions go, and the weights after training, each as one row of numbers.
  let predicted: String
  let trained: String
  /// Where the model is saved, as the file that it came from and as one that was made here.
  let saved: String
  let remade: String

  struct Malformed: Error, CustomStringConvertible {
    let key: String
    var description: String { "the request has no usable \"\(key)\"" }
  }

  init(_ json: JSON) throws {
    func text(_ key: String) throws -> String {
      guard let text = json[key]?.string else { throw Malformed(key: key) }
      return text
    }
    guard let epochs = json["epochs"]?.int else { throw Malformed(key: "epochs") }
    let arrays = try NPZ(path: try text("arrays"))
    func tensors(_ prefix: String) throws -> [Tensor] {
      let count = arrays.names.count { $0.hasPrefix(prefix) }
      return try (0..<count).map { try arrays.array("\(prefix)\($0)").tensor() }
    }
    self.epochs = epochs
    model = try text("model")
    inputs = try tensors("x")
    targets = try tensors("y")
    predicted = try text("predicted")
    trained = try text("trained")
    saved = try text("saved")
    remade = try text("remade")
  }
}
