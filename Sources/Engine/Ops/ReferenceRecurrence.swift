import Kernels
import Tensors

/// One step of a recurrent layer for one sample by its definition, and one step of its gradient.
struct ReferenceRecurrence {
  let settings: RecurrenceOptions
  let operands: RecurrenceOptions.Operands<ReferenceTensor>
  let extent: RecurrenceExtent

  /// - Precondition: the operands are not packed.
  init(_ settings: RecurrenceOptions, _ inputs: [ReferenceTensor]) {
    self.settings = settings
    operands = settings.operands(inputs)
    let x = operands.input.shape
    extent = settings.extent(
      samples: x[0], steps: x[1], features: settings.takesTokens ? 0 : x[2],
      units: operands.recurrentKernel.shape[0])
  }

  private var units: Int { extent.units }

  /// x[t] · kernel + bias.
  private func projected(_ n: Int, _ t: Int) -> [Double] {
    (0..<extent.width).map { j in
      var sum = operands.bias.map { $0.shape.rank == 2 ? $0[0, j] : $0[j] } ?? 0
      if settings.takesTokens { return sum + operands.kernel[Int(operands.input[n, t]), j] }
      for d in 0..<extent.features { sum += operands.input[n, t, d] * operands.kernel[d, j] }
      return sum
    }
  }

  /// h · recurrentKernel, with the bias that is its own.
  private func product(_ h: [Double], _ columns: Range<Int>) -> [Double] {
    columns.map { j in
      var sum = operands.bias.map { $0.shape.rank == 2 ? $0[1, j] : 0 } ?? 0
      for u in 0..<units { sum += h[u] * operands.recurrentKernel[u, j] }
      return sum
    }
  }

  /// The gates after their functions, the new states, and the candidate's product where it is kept.
  func step(
    _ n: Int, _ t: Int, _ states: [ReferenceTensor]
  ) -> (gates: [Double], states: [[Double]], inner: [Double]) {
    let (r, a) = (settings.recurrentActivation, settings.activation)
    let h = (0..<units).map { states[0][n, $0] }
    let p = projected(n, t)
    switch settings.cell {
    case .lstm:
      let z = zip(p, product(h, 0..<4 * units)).map { $0 + $1 }
      let gates = z.enumerated().map { $0 / units == 2 ? a.value($1) : r.value($1) }
      let c = (0..<units).map { u in
        gates[units + u] * states[1][n, u] + gates[u] * gates[2 * units + u]
      }
      return (gates, [(0..<units).map { gates[3 * units + $0] * a.value(c[$0]) }, c], [])
    case .gru(let resetsAfter):
      var gates = zip(p, product(h, 0..<2 * units)).map { r.value($0 + $1) }
      let reset = gates[units...]
      let candidates = 2 * units..<3 * units
      let inner =
        resetsAfter ? product(h, candidates) : product(zip(reset, h).map { $0 * $1 }, candidates)
      for (u, q) in inner.enumerated() {
        gates.append(a.value(p[2 * units + u] + (resetsAfter ? gates[units + u] * q : q)))
      }
      let new = (0..<units).map { u in gates[u] * h[u] + (1 - gates[u]) * gates[2 * units + u] }
      return (gates, [new], resetsAfter ? inner : [])
    case .simple:
      let new = zip(p, product(h, 0..<units)).map { a.value($0 + $1) }
      return (new, [new], [])
    }
  }

  /// The gradient of the gates before their functions, as it goes to the input's products; that of the
  /// state's; what each run of the latter's columns multiplied; and how many columns still have to pass
  /// their gradient on to the state. Leaves in the states' gradients what goes past the gates.
  func stepBack(
    _ n: Int, _ t: Int, _ saved: [ReferenceTensor], _ dStates: inout [ReferenceTensor]
  ) -> (dInput: [Double], dState: [Double], left: [[Double]], passing: Int) {
    let (r, a) = (settings.recurrentActivation, settings.activation)
    func gate(_ run: Int, _ u: Int) -> Double { saved[0][n, t, run * units + u] }
    let h = (0..<units).map { saved[1][n, t, $0] }
    var dz = [Double](repeating: 0, count: extent.width)
    var dState: [Double]?
    var left = [[Double]](repeating: h, count: settings.cell.gates)
    for u in 0..<units {
      let dh = dStates[0][n, u]
      dStates[0][n, u] = 0
      switch settings.cell {
      case .lstm:
        let (i, f, g, o) = (gate(0, u), gate(1, u), gate(2, u), gate(3, u))
        let old = saved[2][n, t, u]
        let value = a.value(f * old + i * g)
        let d = dStates[1][n, u] + dh * o * a.slope(value: value)
        dz[u] = d * g * r.slope(value: i)
        dz[units + u] = d * old * r.slope(value: f)
        dz[2 * units + u] = d * i * a.slope(value: g)
        dz[3 * units + u] = dh * value * r.slope(value: o)
        dStates[1][n, u] = d * f
      case .gru:
        let (z, candidate) = (gate(0, u), gate(2, u))
        dz[u] = dh * (h[u] - candidate) * r.slope(value: z)
        dz[2 * units + u] = dh * (1 - z) * a.slope(value: candidate)
        dStates[0][n, u] = dh * z
      case .simple:
        dz[u] = dh * a.slope(value: gate(0, u))
      }
    }
    if settings.cell == .gru(resetsAfter: true) {
      for u in 0..<units {
        dz[units + u] = dz[2 * units + u] * saved[2][n, t, u] * r.slope(value: gate(1, u))
      }
      dState = dz
      for u in 0..<units { dState?[2 * units + u] *= gate(1, u) }
    } else if settings.cell == .gru(resetsAfter: false) {
      left[2] = (0..<units).map { gate(1, $0) * h[$0] }
      for u in 0..<units {
        var dReset = 0.0
        for j in 2 * units..<3 * units { dReset += dz[j] * operands.recurrentKernel[u, j] }
        dz[units + u] = dReset * h[u] * r.slope(value: gate(1, u))
        dStates[0][n, u] += dReset * gate(1, u)
      }
    }
    return (
      dz, dState ?? dz, left, settings.cell == .gru(resetsAfter: false) ? 2 * units : extent.width
    )
  }
}
