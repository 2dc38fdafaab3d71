/// Pooling along the middle axis of [samples, positions, channels].
internal import CKernels

/// The windows and extents of a pooling.
package struct Pooling: Sendable {
  private let samples: Int
  private let parameters: kt_pool

  /// - Precondition: the windows are not dilated.
  package init(samples: Int, channels: Int, windows: Windows) {
    precondition(samples >= 0 && channels >= 0 && windows.dilation == 1, "a dilated pooling")
    self.samples = samples
    parameters = kt_pool(
      length: windows.inputLength, channels: channels, size: windows.size, stride: windows.stride,
      leading: windows.leading, count: windows.count)
    let last = (windows.count - 1) * windows.stride - windows.leading
    precondition(
      windows.count == 0 || (windows.leading < windows.size && last < windows.inputLength),
      "a window that sees nothing of the input")
  }

  private var inputSize: Int { parameters.length * parameters.channels }
  private var outputSize: Int { parameters.count * parameters.channels }

  /// The largest of each window; NaN where an element is.
  package func maximum(_ x: Buffer, into y: Buffer, threads: Int) {
    check(input: x, output: y)
    forEachSample(threads) { sample in
      // SAFETY: `check` saw that both buffers hold all samples; this one's output is written by
      // this thread only.
      unsafe kt_max_pool(
        parameters, x.floats + sample * inputSize, y.floats + sample * outputSize)
    }
  }

  /// The gradient of `maximum`: a window's goes to its first largest element.
  package func maximumGradient(at x: Buffer, of dy: Buffer, into dx: Buffer, threads: Int) {
    check(input: x, output: dy)
    check(input: dx, output: dy)
    forEachSample(threads) { sample in
      // SAFETY: as in `maximum`.
      unsafe kt_max_pool_gradient(
        parameters, x.floats + sample * inputSize, dy.floats + sample * outputSize,
        dx.floats + sample * inputSize)
    }
  }

  /// The mean of what each window sees of the input.
  package func average(_ x: Buffer, into y: Buffer, threads: Int) {
    check(input: x, output: y)
    forEachSample(threads) { sample in
      // SAFETY: as in `maximum`.
      unsafe kt_average_pool(
        parameters, x.floats + sample * inputSize, y.floats + sample * outputSize)
    }
  }

  package func averageGradient(of dy: Buffer, into dx: Buffer, threads: Int) {
    check(input: dx, output: dy)
    forEachSample(threads) { sample in
      // SAFETY: as in `maximum`.
      unsafe kt_average_pool_gradient(
        parameters, dy.floats + sample * outputSize, dx.floats + sample * inputSize)
    }
  }

  private func check(input: Buffer, output: Buffer) {
    precondition(
      input.count == samples * inputSize && output.count == samples * outputSize,
      "a pooling of buffers that do not fit its extents")
  }

  private func forEachSample(_ threads: Int, _ body: @Sendable (Int) -> Void) {
    let operations = samples * outputSize * parameters.size
    parallel(samples, threads: threads.worthwhile(operations)) { range in
      for sample in range { body(sample) }
    }
  }
}
