/// The contestant "keratin": does what it reads, and answers each line with one of JSON.
///
///     echo "train 32 3200" | contestant FOLDER [THREADS]
import Cases
import Foundation
import Keratin

func answer(_ fields: [String: any Sendable]) throws {
  let line = try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
  FileHandle.standardOutput.write(line + Data("\n".utf8))
}

/// The fields of the answer.
func result(of request: Request, _ stopwatch: inout Stopwatch) throws -> [String: any Sendable] {
  switch request.mode {
  case .train, .evaluate, .predict:
    let seconds = try stopwatch.secondsPerSample(request)
    guard let meanSquare = stopwatch.meanSquare else { return ["seconds_per_sample": seconds] }
    return ["seconds_per_sample": seconds, "mean_square": meanSquare]
  case .checksum:
    let model = stopwatch.measured.model
    let (x, y) = stopwatch.measured.samples(request.count)
    try model.fit(x, y, batchSize: request.batch, verbose: .silent, seed: 7)
    return ["checksum": String(try model.checksum, radix: 16)]
  }
}

do {
  let arguments = CommandLine.arguments.dropFirst()
  var stopwatch = Stopwatch(try Case(folder: arguments.first ?? "."))
  if arguments.count > 1, let threads = arguments.last.flatMap({ Int($0) }), threads > 0 {
    stopwatch.measured.model.threads = threads
  }
  try answer(["ready": true])
  while let line = readLine() {
    guard let request = Request(line: line) else {
      try answer(["error": "not a request: \(line)"])
      continue
    }
    do {
      try answer(result(of: request, &stopwatch))
    } catch {
      try answer(["error": "\(error)"])
    }
  }
} catch {
  try answer(["error": "\(error)"])
}
