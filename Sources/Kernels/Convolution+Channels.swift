/// Convolutions of every channel by itself.
internal import CKernels

extension ForwardJob {
  func runChannels(threads: Int) {
    guard case .plain(let kernel) = kernel else { return }
    let c = convolution
    let sampleCount = c.inputPositions * c.channels
    c.forEachBlock(threads: threads) { sample, block, _ in
      let result = output.slice(
        (sample * c.outputPositions + block.lowerBound) * c.filters, block.count * c.filters)
      // SAFETY: the loop reads within the sample and the kernel, whose extents it has, and writes a row
      // for each window of the block.
      unsafe kt_depthwise(
        c.patches(0), c.groupFilters, input.slice(sample * sampleCount, sampleCount).floats,
        kernel.floats, block.lowerBound, block.count, result.floats)
      finish.apply(to: Matrix(result, rows: block.count, columns: c.filters))
    }
  }
}

extension Convolution {
  /// `dx` of all samples, where every channel has its own filters.
  func inputGradientByChannels(
    _ outputGradient: Buffer, _ kernel: Buffer, _ inputGradient: Buffer, _ threads: Int
  ) {
    let (inputs, outputs) = (inputPositions * channels, outputPositions * filters)
    parallelByTurns(samples, threads: threads) { range, _ in
      for sample in range {
        let result = inputGradient.slice(sample * inputs, inputs)
        result.fill(0)
        // SAFETY: the loop stays within the sample and the kernel, whose extents it has.
        unsafe kt_depthwise_input_gradient(
          patches(0), groupFilters, outputGradient.slice(sample * outputs, outputs).floats,
          kernel.floats, outputPositions, result.floats)
      }
    }
  }

  func addKernelGradientByChannels(
    _ x: Buffer, _ outputGradient: Buffer, _ sample: Int, to sum: Buffer
  ) {
    let outputs = outputPositions * filters
    // SAFETY: the loop stays within the sample and the kernel, whose extents it has.
    unsafe kt_depthwise_kernel_gradient(
      patches(0), groupFilters, x.floats, outputGradient.slice(sample * outputs, outputs).floats,
      outputPositions, sum.floats)
  }
}
