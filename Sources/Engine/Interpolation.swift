/// How values between positions are made, by Keras's names.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The numbers of an axis of another length as sums of those that are there, as TensorFlow has them: position
/// i of the result stands at (i + ½) · length / count - ½ of the operand.
///
/// Source: `tensorflow/core/kernels/image/`: `resize_nearest_neighbor_op.cc`, `resize_bilinear_op.cc`,
/// `resize_bicubic_op.cc`, `resize_area_op.cc`, `scale_and_translate_op.cc`, `sampling_kernels.h`.
public enum Interpolation: String, Sendable, Hashable, CaseIterable {
  case nearest, bilinear, bicubic, lanczos3, lanczos5, gaussian, mitchellcubic
  /// The mean of the area that a position covers; where an axis grows by a whole multiple that is the nearest.
  case area

  /// Whether positions that stay where they are change all the same.
  public var smooths: Bool { self == .gaussian || self == .mitchellcubic }

  /// The sums for an axis of `length` positions that gets `count`.
  ///
  /// - Parameter antialias: whether a kernel is as wide as the positions that become one, where they become
  ///   fewer. It changes neither the nearest nor the mean of an area.
  /// - Precondition: both are positive.
  public func taps(from length: Int, to count: Int, antialias: Bool = false) -> Taps {
    precondition(length > 0 && count > 0, "an interpolation of nothing")
    // In float32 as in TensorFlow, since the nearest position may change with the last bit.
    let scale = Float(length) / Float(count)
    let width = antialias ? max(Double(scale), 1) : 1
    let sums = (0..<count).map { position -> [Taps.Term] in
      let half = (Float(position) + 0.5) * scale
      let place = Double(half - 0.5)
      return switch self {
      case .nearest: [.init(min(Int(half.rounded(.down)), length - 1), 1)]
      case .area: Self.area(position, length, count)
      case .bilinear where antialias:
        Self.sum(place, length, radius: 1, width) { max(0, 1 - $0) }
      case .bilinear: Self.linear(place, length)
      case .bicubic where antialias: Self.sum(place, length, radius: 2, width, Self.keys)
      case .bicubic: Self.cubic(place, length)
      case .lanczos3: Self.sum(place, length, radius: 3, width) { Self.lanczos($0, 3) }
      case .lanczos5: Self.sum(place, length, radius: 5, width) { Self.lanczos($0, 5) }
      case .gaussian: Self.sum(place, length, radius: 1.5, width) { exp(-2 * $0 * $0) }
      case .mitchellcubic: Self.sum(place, length, radius: 2, width, Self.mitchell)
      }
    }
    return Taps(length: length, sums: sums)
  }

  /// Each position by how much of it lies in the area that the result's covers.
  private static func area(_ position: Int, _ length: Int, _ count: Int) -> [Taps.Term] {
    let scale = Double(length) / Double(count)
    let (start, end) = (Double(position) * scale, Double(position + 1) * scale)
    let last = min(Int(end.rounded(.up)), length)
    return (min(Int(start), length - 1)..<max(last, min(Int(start), length - 1) + 1)).map {
      covered in
      let inside = min(end, Double(covered + 1)) - max(start, Double(covered))
      return .init(covered, inside / scale)
    }
  }

  private static func linear(_ place: Double, _ length: Int) -> [Taps.Term] {
    let (lower, rest) = (Int(place.rounded(.down)), place - place.rounded(.down))
    return [.init(max(lower, 0), 1 - rest), .init(min(lower + 1, length - 1), rest)]
  }

  /// Keys's kernel with a = -½, from a table of 1024 steps; what is outside is left out.
  private static func cubic(_ place: Double, _ length: Int) -> [Taps.Term] {
    let lower = Int(place.rounded(.down))
    let rest = ((place - place.rounded(.down)) * 1024).rounded(.toNearestOrEven) / 1024
    let weights = [keys(rest + 1), keys(rest), keys(1 - rest), keys(2 - rest)]
    return normalized(
      weights.enumerated().map { .init(lower - 1 + $0.offset, $0.element) }, length)
  }

  /// Keys 1981, with a = -½.
  private static func keys(_ x: Double) -> Double {
    x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1
  }

  /// A kernel over all positions within a radius, both `width` times as wide.
  private static func sum(
    _ place: Double, _ length: Int, radius: Double, _ width: Double, _ kernel: (Double) -> Double
  ) -> [Taps.Term] {
    let reach = radius * width
    let (lower, upper) = (
      max(Int((place - reach).rounded(.up)), 0),
      min(Int((place + reach).rounded(.down)), length - 1)
    )
    return normalized(
      (lower...max(lower, upper)).map { position in
        let distance = abs(Double(position) - place) / width
        return .init(position, distance >= radius ? 0 : kernel(distance))
      }, length)
  }

  /// The terms that lie within the axis, with weights that add up to 1.
  private static func normalized(_ terms: [Taps.Term], _ length: Int) -> [Taps.Term] {
    let inside = terms.filter { (0..<length).contains($0.position) && $0.weight != 0 }
    let total = inside.reduce(0) { $0 + $1.weight }
    return inside.map { .init($0.position, $0.weight / total) }
  }

  private static func lanczos(_ x: Double, _ radius: Double) -> Double {
    guard x > 1e-3 else { return 1 }
    return radius * sin(.pi * x) * sin(.pi * x / radius) / (.pi * .pi * x * x)
  }

  /// Mitchell and Netravali 1988, with B = C = ⅓.
  private static func mitchell(_ x: Double) -> Double {
    x >= 1
      ? ((-7.0 / 18 * x + 2) * x - 10.0 / 3) * x + 16.0 / 9
      : (7.0 / 6 * x - 2) * x * x + 8.0 / 9
  }
}
