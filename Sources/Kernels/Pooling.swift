/// Pooling of windows of [samples, …, channels] with up to three axes between.
internal import CKernels

/// The windows and extents of a pooling.
package struct Pooling: Sendable {
  /// An axis and the positions on it that each window sees.
  package struct Axis: Sendable {
    package let length: Int
    package let windows: [Range<Int>]

    package init(length: Int, windows: [Range<Int>]) {
      self.length = length
      self.windows = windows
    }

    /// Whether no two windows share a position.
    fileprivate var isDisjoint: Bool {
      zip(windows, windows.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
    }

    /// Whether windows that are disjoint leave no position out.
    fileprivate var isComplete: Bool { windows.reduce(0) { $0 + $1.count } == length }
  }

  private let samples: Int
  private let channels: Int
  /// Planes, rows, columns.
  private let axes: [Axis]
  /// The windows of one axis after the other.
  private let spans: [kt_span]
  private let isDisjoint: Bool

  /// - Precondition: there are one to three axes; windows see something, and nothing outside.
  package init(samples: Int, axes: [Axis], channels: Int) {
    precondition(samples >= 0 && channels >= 0 && (1...3).contains(axes.count), "a pooling")
    precondition(
      axes.allSatisfy { axis in
        axis.windows.allSatisfy {
          !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= axis.length
        }
      }, "a window that sees nothing of the input, or what lies outside")
    let one = Axis(length: 1, windows: [0..<1])
    // A single axis goes where its windows are shared out over threads.
    self.axes = axes.count == 3 ? axes : axes.count == 2 ? [one] + axes : [one] + axes + [one]
    self.samples = samples
    self.channels = channels
    spans = self.axes.flatMap { axis in
      axis.windows.map { kt_span(begin: $0.lowerBound, end: $0.upperBound) }
    }
    isDisjoint = axes.allSatisfy(\.isDisjoint)
  }

  private var inputSize: Int { axes.reduce(channels) { $0 * $1.length } }
  private var outputSize: Int { axes.reduce(channels) { $0 * $1.windows.count } }
  private var rows: Int { axes[0].windows.count * axes[1].windows.count }

  /// The largest of each window; NaN where an element is.
  package func maximum(_ x: Buffer, into y: Buffer, threads: Int) {
    unsafe forEachRun(input: x, output: y, threads) { parameters, sample, part in
      // SAFETY: `forEachRun` saw that both buffers hold all samples; the rows of `part` are written by
      // this thread only.
      unsafe kt_max_pool(
        parameters, part, x.floats + sample * inputSize, y.floats + sample * outputSize)
    }
  }

  /// The mean of what each window sees of the input.
  package func average(_ x: Buffer, into y: Buffer, threads: Int) {
    unsafe forEachRun(input: x, output: y, threads) { parameters, sample, part in
      // SAFETY: as in `maximum`.
      unsafe kt_average_pool(
        parameters, part, x.floats + sample * inputSize, y.floats + sample * outputSize)
    }
  }

  /// The gradient of `maximum`: a window's goes to its first largest element.
  package func maximumGradient(at x: Buffer, of dy: Buffer, into dx: Buffer, threads: Int) {
    precondition(x.count == dx.count, "the gradient of a pooling of another input")
    unsafe forEachSlab(input: dx, output: dy, threads) { parameters, sample, part in
      // SAFETY: `forEachSlab` saw that the buffers hold all samples; the channels of `part` are
      // written by this thread only.
      unsafe kt_max_pool_gradient(
        parameters, part, x.floats + sample * inputSize, dy.floats + sample * outputSize,
        dx.floats + sample * inputSize)
    }
  }

  /// The gradient of `average`.
  package func averageGradient(of dy: Buffer, into dx: Buffer, threads: Int) {
    unsafe forEachSlab(input: dx, output: dy, threads) { parameters, sample, part in
      // SAFETY: as in `maximumGradient`.
      unsafe kt_average_pool_gradient(
        parameters, part, dy.floats + sample * outputSize, dx.floats + sample * inputSize)
    }
  }

  private typealias Body = @Sendable (_ p: kt_pool, _ sample: Int, _ part: kt_pool_part) -> Void

  /// Shares out rows of windows, those of one sample too.
  private func forEachRun(input: Buffer, output: Buffer, _ threads: Int, _ body: Body) {
    check(input: input, output: output)
    parallel(samples * rows, threads: threads.worthwhile(samples * inputSize)) { range in
      unsafe withParameters { parameters in
        var row = range.lowerBound
        while row < range.upperBound {
          let (sample, first) = row.quotientAndRemainder(dividingBy: rows)
          let count = min(rows - first, range.upperBound - row)
          unsafe body(
            parameters, sample,
            kt_pool_part(
              first_row: first, end_row: first + count, first_channel: 0, end_channel: channels))
          row += count
        }
      }
    }
  }

  /// Shares out samples, or the channels where there are too few of them: windows that overlap add to
  /// the same positions.
  private func forEachSlab(input: Buffer, output: Buffer, _ threads: Int, _ body: Body) {
    check(input: input, output: output)
    let threads = threads.worthwhile(samples * inputSize)
    let isSplit = samples < threads
    parallel(samples, threads: isSplit ? 1 : threads) { range in
      for sample in range {
        parallel(channels, threads: isSplit ? threads : 1, multiple: 16) { channels in
          unsafe withParameters { parameters in
            unsafe body(
              parameters, sample,
              kt_pool_part(
                first_row: 0, end_row: rows, first_channel: channels.lowerBound,
                end_channel: channels.upperBound))
          }
        }
      }
    }
  }

  private func check(input: Buffer, output: Buffer) {
    precondition(
      input.count == samples * inputSize && output.count == samples * outputSize,
      "a pooling of buffers that do not fit its extents")
  }

  private func withParameters(_ body: (kt_pool) -> Void) {
    // SAFETY: the windows of the second and third axis follow those of the first in `spans`, which
    // outlives the call.
    unsafe spans.withUnsafeBufferPointer { spans in
      guard let planes = spans.baseAddress else { return }
      let rows = unsafe planes + axes[0].windows.count
      unsafe body(
        kt_pool(
          planes: planes, rows: rows, columns: rows + axes[1].windows.count,
          row_count: axes[1].windows.count, column_count: axes[2].windows.count,
          depth: axes[0].length, height: axes[1].length, width: axes[2].length,
          channels: channels, disjoint: isDisjoint ? 1 : 0,
          complete: isDisjoint && axes.allSatisfy(\.isComplete) ? 1 : 0))
    }
  }
}
