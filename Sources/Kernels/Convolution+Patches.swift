/// Convolutions by patches: what a block of windows sees, side by side.
internal import CKernels

extension Convolution {
  /// The windows of a block: as many as keep its patches in the second-level cache.
  var blockLength: Int {
    min(max(1, outputPositions), max(14, 16_384 / max(1, patchCount) / 14 * 14))
  }

  func patches(_ group: Int) -> kt_patches {
    func axis(_ index: Int) -> kt_axis {
      guard index >= 0 else {
        return kt_axis(length: 1, size: 1, stride: 1, dilation: 1, leading: 0, count: 1)
      }
      let w = windows[index]
      return kt_axis(
        length: w.inputLength, size: w.size, stride: w.stride, dilation: w.dilation,
        leading: w.leading, count: w.count)
    }
    let first = windows.count - 3
    return kt_patches(
      axes: (axis(first), axis(first + 1), axis(first + 2)), channels: channels,
      first_channel: group * groupChannels, width: groupChannels)
  }

  /// What the windows `block` of a sample see of a group's channels: [count, patchCount].
  func gather(_ sample: Buffer, _ block: Range<Int>, group: Int, into result: Buffer) {
    precondition(
      sample.count == inputPositions * channels && result.count >= block.count * patchCount
        && block.upperBound <= outputPositions, "a block outside its sample")
    // SAFETY: the loop reads within the sample, whose extents it has, and writes a row for each window.
    unsafe kt_gather_patches(
      patches(group), sample.floats, block.lowerBound, block.count, result.floats)
  }

  /// Adds such rows to the positions that they are of.
  func scatter(_ rows: Buffer, _ block: Range<Int>, group: Int, into sample: Buffer) {
    precondition(
      sample.count == inputPositions * channels && rows.count >= block.count * patchCount
        && block.upperBound <= outputPositions, "a block outside its sample")
    // SAFETY: the loop writes within the sample, whose extents it has, and reads a row for each window.
    unsafe kt_scatter_patches(
      patches(group), rows.floats, block.lowerBound, block.count, sample.floats)
  }

  /// Calls `body` with blocks of windows of whole samples or, where there are fewer samples than threads,
  /// of parts of them, and with the thread's number.
  func forEachBlock(threads: Int, _ body: @Sendable (Int, Range<Int>, Int) -> Void) {
    let length = blockLength
    let blocks = (outputPositions + length - 1) / length
    let units = samples >= threads ? samples : samples * blocks
    parallelByTurns(units, threads: threads) { range, thread in
      for unit in range {
        let sample = samples >= threads ? unit : unit / blocks
        let own = samples >= threads ? 0..<blocks : unit % blocks..<unit % blocks + 1
        for block in own {
          body(sample, block * length..<min((block + 1) * length, outputPositions), thread)
        }
      }
    }
  }

  /// Rows of one group of an output.
  func groupOutput(_ output: Buffer, _ sample: Int, _ block: Range<Int>, _ group: Int) -> Matrix {
    Matrix(
      output.slice(
        (sample * outputPositions + block.lowerBound) * filters + group * groupFilters),
      rows: block.count, columns: groupFilters, stride: filters)
  }
}

extension ForwardJob {
  func runPatches(threads: Int) {
    let c = convolution
    let sampleCount = c.inputPositions * c.channels
    c.forEachBlock(threads: threads) { sample, block, thread in
      let patches = scratch.slice(
        thread * c.blockLength * c.patchCount, block.count * c.patchCount)
      for group in 0..<c.groups {
        c.gather(
          input.slice(sample * sampleCount, sampleCount), block, group: group, into: patches)
        let rows = Matrix(patches, rows: block.count, columns: c.patchCount)
        let result = c.groupOutput(output, sample, block, group)
        switch kernel {
        case .packed(let buffer):
          c.packedGroup(buffer, group)?.multiply(
            StridedRows(rows), into: result, accumulate: false)
        case .plain(let buffer):
          multiplyInOneThread(rows, c.groupKernel(buffer, group), into: result, accumulate: false)
        }
      }
      finish.apply(
        to: Matrix(
          output.slice((sample * c.outputPositions + block.lowerBound) * c.filters),
          rows: block.count, columns: c.filters))
    }
  }
}
