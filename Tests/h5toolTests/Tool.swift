/// The built command, run as a user runs it.
import Foundation

enum Tool {
  /// What a run printed and how it ended.
  struct Run: Sendable {
    let output: String
    let errors: String
    /// The exit status; nil where a signal ended it.
    let status: Int32?
  }

  /// The products stand beside the bundle of the tests, in debug and in release.
  static let products: URL = {
    #if os(macOS)
      let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
      return bundle.bundleURL.deletingLastPathComponent()
    #else
      return Bundle.main.bundleURL
    #endif
  }()

  static let url = products.appending(path: "h5tool")

  /// Starts the command, or another one, in a folder. What it prints goes to files there, so that no
  /// pipe can fill up.
  static func start(
    _ arguments: [String], in folder: URL, program: URL = url, output: URL, errors: URL,
    whenEnded: @escaping @Sendable (Process) -> Void
  ) throws -> Process {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["COLUMNS"] = nil
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["PATH"] = products.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    process.environment = environment
    for file in [output, errors] { try Data().write(to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.terminationHandler = whenEnded
    try process.run()
    return process
  }

  /// Runs it to its end.
  ///
  /// - Parameter whileRunning: is asked again and again until it says true, with what was printed so
  ///   far.
  static func run(
    _ arguments: [String], in folder: URL, program: URL = url,
    whileRunning: (@Sendable (Process, String) -> Bool)? = nil
  ) async throws -> Run {
    let prints = FileManager.default.temporaryDirectory.appending(path: "h5tool-\(UUID())")
    let (output, errors) = (
      prints.appendingPathExtension("out"), prints.appendingPathExtension("err")
    )
    defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let process = try start(
      arguments, in: folder, program: program, output: output, errors: errors
    ) { _ in end.finish() }
    if let whileRunning {
      while process.isRunning, !whileRunning(process, try text(output)) {
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    for await _ in ends {}
    return Run(
      output: try text(output), errors: try text(errors),
      status: process.terminationReason == .exit ? process.terminationStatus : nil)
  }

  private static func text(_ file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}
