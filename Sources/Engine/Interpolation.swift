/// How values between positions are made, by Keras's names.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The numbers between the positions of an axis as sums of those at positions, as TensorFlow has them:
/// position i of the larger axis stands at (i + ½) / size - ½ of the smaller one.
///
/// Source: `tensorflow/core/kernels/image/`: `resize_bilinear_op.cc`, `resize_bicubic_op.cc`,
/// `scale_and_translate_op.cc`, `sampling_kernels.h`.
public enum Interpolation: String, Sendable, Hashable, CaseIterable {
  case nearest, bilinear, bicubic, lanczos3, lanczos5, gaussian, mitchellcubic
  /// The mean of the area that a position covers; of a whole multiple that is the nearest.
  case area

  /// Whether positions that stay where they are change all the same.
  public var smooths: Bool { self == .gaussian || self == .mitchellcubic }

  /// The sums for an axis that gets `size` positions for each of its `length`.
  ///
  /// - Precondition: both are positive.
  public func taps(length: Int, size: Int) -> Taps {
    precondition(length > 0 && size > 0, "an interpolation of nothing")
    let sums = (0..<length * size).map { position -> [Taps.Term] in
      let place = (Double(position) + 0.5) / Double(size) - 0.5
      return switch self {
      case .nearest, .area: [.init(position / size, 1)]
      case .bilinear: Self.linear(place, length)
      case .bicubic: Self.cubic(place, length)
      case .lanczos3: Self.sum(place, length, radius: 3) { Self.lanczos($0, 3) }
      case .lanczos5: Self.sum(place, length, radius: 5) { Self.lanczos($0, 5) }
      case .gaussian: Self.sum(place, length, radius: 1.5) { exp(-2 * $0 * $0) }
      case .mitchellcubic: Self.sum(place, length, radius: 2, Self.mitchell)
      }
    }
    return Taps(length: length, sums: sums)
  }

  private static func linear(_ place: Double, _ length: Int) -> [Taps.Term] {
    let (lower, rest) = (Int(place.rounded(.down)), place - place.rounded(.down))
    return [.init(max(lower, 0), 1 - rest), .init(min(lower + 1, length - 1), rest)]
  }

  /// Keys's kernel with a = -½, from a table of 1024 steps; what is outside is left out.
  private static func cubic(_ place: Double, _ length: Int) -> [Taps.Term] {
    let lower = Int(place.rounded(.down))
    let rest = ((place - place.rounded(.down)) * 1024).rounded(.toNearestOrEven) / 1024
    func near(_ x: Double) -> Double { (1.5 * x - 2.5) * x * x + 1 }
    func far(_ x: Double) -> Double { ((-0.5 * x + 2.5) * x - 4) * x + 2 }
    let weights = [far(rest + 1), near(rest), near(1 - rest), far(2 - rest)]
    return normalized(
      weights.enumerated().map { .init(lower - 1 + $0.offset, $0.element) }, length)
  }

  /// A kernel over all positions within a radius.
  private static func sum(
    _ place: Double, _ length: Int, radius: Double, _ kernel: (Double) -> Double
  ) -> [Taps.Term] {
    let (lower, upper) = (
      Int((place - radius).rounded(.up)), Int((place + radius).rounded(.down))
    )
    return normalized(
      (lower...max(lower, upper)).map { position in
        let distance = abs(Double(position) - place)
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
