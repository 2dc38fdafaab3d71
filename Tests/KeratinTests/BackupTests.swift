import Foundation
import Keratin
import Tensors
import Testing

@Suite struct BackupTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "keratin-backup-\(UUID().uuidString)")
  private let x = Tensor([40, 3], (0..<120).map { Float($0 * 37 % 19) / 19 })
  private let y = Tensor([40], (0..<40).map { Float($0 * 37 % 19 > 9 ? 1 : 0) })

  private func model() -> Sequential {
    let model = Sequential(
      [Dense(8, activation: .tanh), Dropout(0.2), Dense(1, activation: .sigmoid)], seed: 3)
    model.compile(optimizer: .adam(learningRate: 0.01), loss: .binaryCrossentropy)
    return model
  }

  private func fit(_ model: Model, callbacks: [any Callback]) throws -> History {
    try model.fit(
      x, y, batchSize: 8, epochs: 5, callbacks: callbacks, verbose: .silent, seed: 9)
  }

  private struct Accident: Error {}

  @Test func `Training that was cut short goes on to the bit from its backup`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = model()
    let history = try fit(whole, callbacks: [])
    #expect(throws: Accident.self) {
      try fit(
        model(),
        callbacks: [
          BackupAndRestore(folder.path),
          LambdaCallback(onEpochBegin: { epoch, _ in if epoch == 3 { throw Accident() } }),
        ])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["epoch-3.h5"])
    let resumed = model()
    let rest = try fit(resumed, callbacks: [BackupAndRestore(folder.path)])
    #expect(rest.epochs == [3, 4])
    #expect(rest["loss"] == Array(history["loss"][3...]))
    #expect(try resumed.weights == whole.weights)
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func `A backup is kept where that is asked for, or where training was cancelled`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try fit(model(), callbacks: [BackupAndRestore(folder.path, deleteCheckpoint: false)])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["epoch-5.h5"])
    try FileManager.default.removeItem(at: folder)

    let cancellation = Cancellation()
    try model().fit(
      x, y, batchSize: 8, epochs: 5,
      callbacks: [
        BackupAndRestore(folder.path, saveFreq: .batches(2)),
        LambdaCallback(onTrainBatchEnd: { batch, _, training in
          if batch == 3 { cancellation.cancel() }
        }),
      ], verbose: .silent, cancellation: cancellation)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["epoch-0.h5"])
  }

  @Test func `A model with two outputs is saved and trained on`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let input = #"{"class_name":"InputLayer","config":{"batch_shape":[null,3],"name":"left"},"#
    func dense(_ name: String, _ units: Int) -> String {
      #"{"class_name":"Dense","config":{"name":"\#(name)","units":\#(units)},"name":"\#(name)","#
        + #""inbound_nodes":[[["left",0,0,{}]]]}"#
    }
    let config = try JSON(
      parsing: #"{"class_name":"Functional","config":{"name":"pair","layers":["# + input
        + #""name":"left","inbound_nodes":[]},"# + dense("price", 1) + "," + dense("kind", 2)
        + #"],"input_layers":[["left",0,0]],"output_layers":[["price",0,0],["kind",0,0]]}}"#)
    let model = Model(try Graph(modelConfig: config), seed: 4)
    model.compile(
      optimizer: .adam(learningRate: 0.01), loss: ["price": .mse, "kind": .mae],
      lossWeights: ["kind": 0.5], metrics: ["price": [.mae]])
    let kind = Tensor([40, 2], (0..<80).map { Float($0 % 7) })
    let labels = ["price": y, "kind": kind]
    let history = try model.fit(["left": x], labels, epochs: 2, verbose: .silent)
    #expect(history.names == ["kind_loss", "loss", "price_loss", "price_mae"])
    let path = folder.appending(path: "pair.h5").path
    try model.save(path)
    let again = try Model.load(path)
    if let problem = again.compileProblem { throw problem }
    #expect(try again.predict([x]) == model.predict(["left": x]))
    #expect(
      try again.evaluate(x, [y, kind], verbose: .silent)
        == model.evaluate(x, [y, kind], verbose: .silent))
    let more = try again.fit([x], [y, kind], epochs: 1, verbose: .silent, seed: 7)
    let rest = try model.fit([x], [y, kind], epochs: 1, verbose: .silent, seed: 7)
    #expect(more.values == rest.values)
  }
}
