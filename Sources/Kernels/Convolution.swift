/// Convolutions along one to three axes, as products of tiles with what the windows see.
internal import CKernels

/// The extents of a convolution of [N, …, C] by [K…, C / groups, F] to [N, …′, F].
package struct Convolution: Sendable {
  package let samples: Int
  /// One for each axis, the last being the one along which elements are neighbours.
  package let windows: [Windows]
  package let channels: Int
  package let filters: Int
  package let groups: Int

  /// - Precondition: there are one to three axes, and `groups` divides `channels` and `filters`.
  package init(samples: Int, windows: [Windows], channels: Int, filters: Int, groups: Int) {
    precondition(
      (1...3).contains(windows.count) && groups > 0 && channels % groups == 0
        && filters % groups == 0)
    self.samples = samples
    // Where windows are single positions, all axes are one.
    let isPointwise = windows.allSatisfy {
      $0.size == 1 && $0.stride == 1 && $0.leading == 0 && $0.count == $0.inputLength
    }
    let positions = windows.reduce(1) { $0 * $1.count }
    self.windows =
      isPointwise
      ? [
        Windows(
          inputLength: positions, size: 1, stride: 1, dilation: 1, leading: 0, count: positions)
      ] : windows
    self.channels = channels
    self.filters = filters
    self.groups = groups
  }

  var taps: Int { windows.reduce(1) { $0 * $1.size } }
  var inputPositions: Int { windows.reduce(1) { $0 * $1.inputLength } }
  var outputPositions: Int { windows.reduce(1) { $0 * $1.count } }
  var groupChannels: Int { channels / groups }
  var groupFilters: Int { filters / groups }
  /// The elements that a window of one group sees.
  var patchCount: Int { taps * groupChannels }
  package var inputCount: Int { samples * inputPositions * channels }
  package var kernelCount: Int { patchCount * filters }
  package var outputCount: Int { samples * outputPositions * filters }

  /// How the left operands of the products come about.
  enum Route {
    /// A row of windows of the last axis, overlapping in memory, is multiplied where it lies; only
    /// padding before or after rows makes a copy. One product for each tap of the other axes.
    case rows
    /// Every channel has its own filters, and their sums are made without products of matrices.
    case channels
    /// What some windows see is gathered side by side: for groups, for gaps along the last axis, and for
    /// so few channels that the products of single taps would be short.
    case patches
  }

  /// How sums are made.
  package enum Method: Sendable {
    /// Each in the order of its terms, so that equal windows have equal outputs.
    case direct
    /// By Winograd's algorithm, where it is made for this convolution (`allowsWinograd`).
    case winograd
  }

  package var allowsWinograd: Bool { WinogradConvolution2D(self) != nil }

  private func winograd(_ method: Method) -> WinogradConvolution2D? {
    method == .winograd ? WinogradConvolution2D(self) : nil
  }

  var route: Route {
    if groups > 1, groupChannels == 1 { return .channels }
    return groups == 1 && last.dilation == 1 && last.size * channels >= 16 && PackedMatrix.lanes > 0
      ? .rows : .patches
  }

  /// `y[n, t…, f] = activation(Σ x[n, t·stride + k·dilation − leading, c] · kernel[k…, c, f] + bias[f])`.
  ///
  /// - Parameter kernel: as it is, or as `packKernel` left it for the same method.
  package func forward(
    input: Buffer, kernel: Kernel, output: Buffer, _ method: Method = .direct,
    finish: RowFinish = RowFinish(), scratch: Buffer, threads: Int
  ) {
    precondition(
      input.count == inputCount && output.count == outputCount,
      "buffers that do not fit the convolution's extents")
    var scratch = scratch
    var kernel = kernel
    if case .plain(let buffer) = kernel, packedKernelCount(method) > 0 {
      let count = packedKernelCount(method)
      packKernel(
        buffer, into: scratch, method, scratch: scratch.slice(count), threads: threads)
      kernel = .packed(scratch.slice(0, count))
      scratch = scratch.slice(count)
    }
    let job = ForwardJob(
      convolution: self, input: input, kernel: kernel, output: output, finish: finish,
      scratch: scratch)
    if case .packed(let packed) = kernel, let winograd = winograd(method) {
      winograd.forward(
        input: input, kernel: packed, output: output, finish: finish, scratch: scratch,
        threads: threads)
      return
    }
    switch route {
    case .rows: job.runRows(threads: threads)
    case .channels: job.runChannels(threads: threads)
    case .patches: job.runPatches(threads: threads)
    }
  }

  /// The elements of working memory for `forward`.
  package func scratchCount(_ method: Method = .direct, packed: Bool, threads: Int) -> Int {
    let work = threads * partCount(method)
    return packed
      ? work : packedKernelCount(method) + max(packScratchCount(method), work)
  }

  /// What each thread needs in `forward`.
  private func partCount(_ method: Method) -> Int {
    if let winograd = winograd(method) { return winograd.partCount }
    return switch route {
    case .rows: paddedCount
    case .channels: 0
    case .patches: blockLength * patchCount
    }
  }
}

// MARK: The kernel

extension Convolution {
  /// A kernel [K…, C / groups, F] as it is stored, or the same in the layout of products.
  package enum Kernel: Sendable {
    case plain(Buffer)
    case packed(Buffer)
  }

  /// The elements of a packed kernel: a matrix [K·C / groups, F / groups] for each group, or those of
  /// Winograd's transforms; 0 where it is used as it is.
  package func packedKernelCount(_ method: Method = .direct) -> Int {
    winograd(method)?.kernelCount ?? (route == .channels ? 0 : groups * groupKernelCount)
  }

  /// The elements of working memory for `packKernel`.
  package func packScratchCount(_ method: Method) -> Int {
    winograd(method)?.kernelScratchCount ?? 0
  }

  private var groupKernelCount: Int { PackedMatrix.count(rows: patchCount, columns: groupFilters) }

  package func packKernel(
    _ kernel: Buffer, into packed: Buffer, _ method: Method = .direct, scratch: Buffer, threads: Int
  ) {
    precondition(kernel.count == kernelCount, "a kernel that does not fit the convolution")
    if let winograd = winograd(method) {
      winograd.transformKernel(kernel, into: packed, scratch: scratch, threads: threads)
      return
    }
    for group in 0..<groups {
      _ = PackedMatrix(
        groupKernel(kernel, group),
        into: packed.slice(group * groupKernelCount, groupKernelCount), threads: threads)
    }
  }

  /// A group's part of a kernel as it is stored, or of its gradient.
  func groupKernel(_ kernel: Buffer, _ group: Int) -> Matrix {
    Matrix(
      kernel.slice(group * groupFilters), rows: patchCount, columns: groupFilters, stride: filters)
  }

  func packedGroup(_ packed: Buffer, _ group: Int) -> PackedMatrix? {
    PackedMatrix(
      packed: packed.slice(group * groupKernelCount, groupKernelCount), rows: patchCount,
      columns: groupFilters)
  }
}
