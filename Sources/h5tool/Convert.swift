/// `h5tool convert`: a checkpoint for the readers of another generation.
import ArgumentParser
import Keratin

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Rewrite a checkpoint for Keras 2 (tf.keras, tf_keras) or Keras 3.",
    discussion: """
      Weights stay bit for bit, but for those that Keras 1, Theano or a layer for cuDNN laid out \
      otherwise; architecture, compile settings, names and optimizer state take the form of that \
      generation. Without --keras, the form that both can read is written.

      Example:
        h5tool convert best_model.h5 for_keras2.h5 --keras 2
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "IN.h5"))
  var input: String

  @Argument(help: ArgumentHelp("Where to write the other one.", valueName: "OUT.h5"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The generation of the readers: 2 or 3.", valueName: "2|3"))
  var keras: Int?

  func validate() throws {
    guard keras == nil || keras == 2 || keras == 3 else {
      throw ValidationError("--keras must be 2 or 3")
    }
    // Keras tells by the name how to read a file.
    guard output.hasSuffix(".h5") || output.hasSuffix(".hdf5"), !output.hasSuffix(".weights.h5")
    else { throw ValidationError("OUT.h5 must end in .h5 or .hdf5, and not in .weights.h5") }
  }

  func run() throws {
    try InputFile.check(input, as: .checkpoint)
    let checkpoint: Checkpoint
    let conversion: Checkpoint.Conversion
    do {
      checkpoint = try Checkpoint(path: input)
      let modern = try modernised(checkpoint)
      conversion =
        switch keras {
        case 2: try modern.converted(to: .keras2)
        case 3: try modern.converted(to: .keras3)
        default: modern.widelyReadable()
        }
    } catch {
      throw ModelFileError(path: input, cause: error)
    }
    for note in conversion.notes { warn(note) }
    do { try conversion.checkpoint.write(to: output) } catch {
      throw ModelFileError(path: output, cause: error)
    }
    let readers = keras.map { "Keras \($0)" } ?? "both Keras 2 and Keras 3"
    try StandardStreams.show(
      "Wrote \(output) for \(readers), from a checkpoint of \(checkpoint.dialect).")
  }

  /// The checkpoint with weights in today's layout. Only its model knows what those of an older one are.
  ///
  /// - Throws: `CheckpointError` where it holds weights alone.
  private func modernised(_ checkpoint: Checkpoint) throws -> Checkpoint {
    guard checkpoint.isOfOlderLayout else { return checkpoint }
    guard !checkpoint.isWeightsOnly else {
      throw CheckpointError(
        .unconvertible(
          what: "weights in the layout of an older Keras, which their model alone understands,",
          to: keras.map { "Keras \($0)" } ?? "both Keras 2 and Keras 3"))
    }
    let model = try Model(checkpoint)
    for note in model.weightsReport?.notes ?? [] { warn(note) }
    return try model.checkpoint()
  }
}
