import Foundation
import TestSupport
import Testing

/// A share of `make conformance`: some combinations of the arguments of every class, and some random
/// models, from a seed that is the same each time.
@Suite(.enabled(if: Surroundings.kerasPython != nil, "no Python with Keras (run make test)"))
struct ConformanceTests {
  /// The command that answers for Keratin stands beside the bundle of the tests.
  private static var runner: URL {
    #if os(macOS)
      let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
      return bundle.bundleURL.deletingLastPathComponent().appending(path: "conform")
    #else
      return Bundle.main.bundleURL.appending(path: "conform")
    #endif
  }

  @Test func `models of every class, and random ones, are in Keratin what they are in Keras`()
    throws
  {
    let script = Surroundings.repository
      .appending(path: "Tests/Conformance/Python/conformance.py")
    let printed = FileManager.default.temporaryDirectory.appending(path: "conform-\(UUID())")
    try Data().write(to: printed)
    defer { try? FileManager.default.removeItem(at: printed) }
    let process = Process()
    process.executableURL = Surroundings.kerasPython
    process.arguments = [
      script.path, "--runner", Self.runner.path, "--no-layers", "--combinations", "2",
      "--sequential", "40", "--functional", "20", "--nested", "--allow-refusals",
    ]
    // A file, not a pipe: a pipe that nobody empties would stop the script.
    process.standardOutput = try FileHandle(forWritingTo: printed)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let lines = try String(contentsOf: printed, encoding: .utf8).split(separator: "\n")
    print(lines.suffix(2).map { "measured: conformance, \($0)" }.joined(separator: "\n"))
    #expect(
      process.terminationStatus == 0,
      "\(lines.filter { !$0.hasPrefix("|") }.joined(separator: "\n"))")
  }
}
