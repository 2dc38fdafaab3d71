/// What the real Keras computes, for the ops that follow it to the letter.
import Foundation
import TestSupport

/// Runs Python and reads the JSON that it prints last.
enum Keras {
  static let isAbsent = "no Python with Keras: set KERATIN_PYTHON or run `make test`"

  static func answer<Answer: Decodable>(_ script: String, as type: Answer.Type) throws -> Answer {
    guard let python = Surroundings.kerasPython else { throw CocoaError(.fileNoSuchFile) }
    let process = Process()
    process.executableURL = python
    process.arguments = ["-c", script]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""]
    ) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let lines = data.split(separator: UInt8(ascii: "\n"))
    return try JSONDecoder().decode(type, from: lines.last ?? Data())
  }
}
