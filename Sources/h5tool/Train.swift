/// `h5tool train`: training goes on from any checkpoint that holds an architecture.
import ArgumentParser
import DurableFiles
import HDF5
import Keratin

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on from its checkpoint, and keep its best epoch.",
    discussion: """
      Goes on with the checkpoint's compile settings, weights and optimizer state; with --optimizer, \
      --loss or --metric the optimizer starts afresh. Validates on \
      x_test, y_test where the data has them. The best epoch by val_acc (else by val_loss, else by \
      loss) is in the output, which is replaced whole or not at all. Ctrl-C stops after the batch.

      Example:
        h5tool train model.h5 --data imdb.npz --output best_model.h5 \\
          --epochs 20 --patience 3 --num-words 10000 --maxlen 200
      """)

  @Argument(help: ArgumentHelp("A compiled model.", valueName: "MODEL"))
  var model: String

  @OptionGroup var data: DataOptions

  @Option(help: ArgumentHelp("Where to write the best epoch.", valueName: "OUT.h5"))
  var output: String

  @Option(parsing: .unconditional, help: ArgumentHelp("Passes over the data.", valueName: "N"))
  var epochs = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Validate on this last share of the training data, where there is no test data.",
      valueName: "F"))
  var validationSplit = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop when the validation loss (else the loss) has not improved for N epochs.",
      valueName: "N"))
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Divide the learning rate by 10 when that loss has not improved for N epochs.",
      valueName: "N"))
  var reduceLr: Int?

  @OptionGroup var compiling: CompileOptions

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Let samples of class C count W in the loss; may be repeated (default: 1).",
      valueName: "C=W"))
  var classWeight: [ClassWeight] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What order, dropout and fresh weights are drawn from: the same seed gives the same bits.",
      valueName: "S"))
  var seed: UInt64?

  @Flag(help: "Take the samples in the order of the data.")
  var noShuffle = false

  @Flag(help: "Draw new weights, and start the optimizer afresh.")
  var fresh = false

  @Option(
    help: ArgumentHelp("Write losses and metrics by epoch, as JSON.", valueName: "H.json"))
  var history: String?

  @Option(
    help: ArgumentHelp(
      "Write losses and metrics after each epoch, as CSV.", valueName: "LOG.csv"))
  var csvLog: String?

  func validate() throws {
    if epochs < 1 { throw ValidationError("--epochs must be 1 or more") }
    if let patience, patience < 0 { throw ValidationError("--patience must be 0 or more") }
    guard (0..<1).contains(validationSplit) else {
      throw ValidationError("--validation-split must be at least 0 and below 1")
    }
    if let reduceLr, reduceLr < 1 { throw ValidationError("--reduce-lr must be 1 or more") }
    guard Set(classWeight.map(\.number)).count == classWeight.count else {
      throw ValidationError("--class-weight must name each class once")
    }
    guard output.hasSuffix(".h5"), !output.hasSuffix(".weights.h5") else {
      throw ValidationError("--output must end in .h5 and not in .weights.h5")
    }
  }

  func run() throws {
    try InputFile.check(self.model, as: .checkpoint)
    try InputFile.check(data.data, as: .data)
    // Before the hours of training that they are the result of.
    try OutputFile.check(output, "--output", apartFrom: ["--data": data.data])
    if let history {
      try OutputFile.check(
        history, "--history",
        apartFrom: ["MODEL": self.model, "--data": data.data, "--output": output])
    }
    if let csvLog {
      var others = ["MODEL": self.model, "--data": data.data, "--output": output]
      others["--history"] = history
      try OutputFile.check(csvLog, "--csv-log", apartFrom: others)
    }
    try GroupContent.checkWriting()
    let seed = seed ?? .random(in: 0..<1 << 32)
    let model = try Model.load(model, seed: seed)
    for note in model.weightsReport?.notes ?? [] { warn(note) }
    let (train, test, holdsLists) = try data.load(for: model)
    if test != nil, validationSplit > 0 {
      warn("\(data.data) has x_test and y_test; --validation-split is not used.")
    }
    let weights = Dictionary(uniqueKeysWithValues: classWeight.map { ($0.number, $0.weight) })
    let best = BestEpoch(output, validates: test != nil || validationSplit > 0)
    let interruption = Interruption()
    let history = try UseError.located(
      model: self.model, data: data.data, holdsLists: holdsLists
    ) {
      try model.prepare(for: train.x, fresh: fresh)
      try compiling.apply(to: model, at: self.model)
      return try model.fit(
        train.x, train.y, batchSize: data.batchSize, epochs: epochs,
        validationSplit: test == nil ? validationSplit : 0,
        validationData: test.map { ($0.x, $0.y) }, shuffle: !noShuffle,
        callbacks: [best] + callbacks(validates: best.validates),
        classWeight: weights.isEmpty ? nil : weights,
        seed: seed,
        nonFiniteLoss: .fail, cancellation: interruption.cancellation,
        console: StandardOutputConsole())
    }
    if let path = self.history {
      try DurableFile.write(Array((history.json.text + "\n").utf8), to: path)
    }
    if history.wasInterrupted {
      throw CommandError(
        best.hasSaved
          ? "Interrupted; \(output) holds the best epoch so far."
          : "Interrupted before the end of an epoch; \(output) was not written.")
    }
  }

  private func callbacks(validates: Bool) -> [any Callback] {
    let loss = validates ? "val_loss" : "loss"
    var callbacks: [any Callback] = []
    if let reduceLr {
      callbacks.append(
        ReduceLROnPlateau(monitor: loss, patience: reduceLr, verbose: 1, mode: .min))
    }
    if let patience {
      callbacks.append(EarlyStopping(monitor: loss, patience: patience, verbose: 1, mode: .min))
    }
    if let csvLog { callbacks.append(CSVLogger(csvLog)) }
    return callbacks
  }
}

/// Saves the best epoch, by the first of `val_acc`, `val_loss` and `loss` that there is.
private final class BestEpoch: Callback {
  private let path: String
  let validates: Bool
  private var checkpoint: ModelCheckpoint?
  var hasSaved: Bool { checkpoint?.best?.isFinite == true }

  init(_ path: String, validates: Bool) {
    // The user's braces are no fields for epoch and metrics.
    self.path = path.replacing("{", with: "{{").replacing("}", with: "}}")
    self.validates = validates
  }

  func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    let checkpoint = checkpoint ?? makeCheckpoint(logs)
    self.checkpoint = checkpoint
    try checkpoint.onEpochEnd(epoch, logs, training)
  }

  private func makeCheckpoint(_ logs: Logs) -> ModelCheckpoint {
    let accuracy = ["val_acc", "val_accuracy"].first { logs[$0] != nil }
    return ModelCheckpoint(
      path, monitor: accuracy ?? (validates ? "val_loss" : "loss"),
      mode: accuracy == nil ? .min : .max, saveBestOnly: true, verbose: 1)
  }
}

extension Model {
  /// Gets the model's weights in place before the first epoch, new ones if `fresh`.
  fileprivate func prepare(for x: Tensor, fresh: Bool) throws {
    try build(for: x)
    if fresh { try initialise(seed: seed) }
  }
}

extension History {
  /// Keras's `history.history`: one number per epoch for each key.
  fileprivate var json: JSON {
    .object(values.mapValues { .array($0.map { .number($0) }) })
  }
}
