import Engine
import Testing

@Suite struct RandomSourceTests {
  /// Mean, variance and fourth standardised moment.
  private func moments(_ values: [Float]) -> (mean: Double, variance: Double, kurtosis: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / count
    var (second, fourth) = (0.0, 0.0)
    for value in values {
      let square = (Double(value) - mean) * (Double(value) - mean)
      second += square / count
      fourth += square * square / count
    }
    return (mean, second, fourth / (second * second))
  }

  private static let count = 200_000
  /// Five standard errors of a mean of `count` numbers of unit variance.
  private static let five = 5 / Double(count).squareRoot()

  @Test func `a seed gives the same numbers again, and another seed or stream gives others`() {
    func draw(_ seed: UInt64, _ stream: UInt64 = 0) -> [Float] {
      var source = RandomSource(seed: seed, stream: stream)
      return source.normal(20)
    }
    #expect(draw(7) == draw(7))
    #expect(Set(draw(7)).isDisjoint(with: draw(8)))
    #expect(Set(draw(7)).isDisjoint(with: draw(7, 1)))
  }

  @Test func `the first numbers of seed 1 never change`() {
    var source = RandomSource(seed: 1)
    #expect(source.uniform(3) == [0.9517742, 0.05764185, 0.6709931])
    #expect(source.normal(3) == [-0.59618795, -0.07064048, 0.5353868])
    #expect(source.permutation(6) == [0, 3, 5, 1, 4, 2])
  }

  @Test func `uniform numbers fill their range evenly`() {
    var source = RandomSource(seed: 2)
    let values = source.uniform(Self.count, from: -1, to: 3)
    let (mean, variance, kurtosis) = moments(values)
    #expect(values.allSatisfy { $0 >= -1 && $0 < 3 })
    #expect(abs(mean - 1) < Self.five * 1.2)
    #expect(abs(variance - 16.0 / 12) < 0.01)
    #expect(abs(kurtosis - 1.8) < 0.02)
  }

  @Test func `normal numbers have the moments that were asked for`() {
    var source = RandomSource(seed: 3)
    let (mean, variance, kurtosis) = moments(
      source.normal(Self.count, mean: 2, standardDeviation: 0.5))
    #expect(abs(mean - 2) < Self.five * 0.5)
    #expect(abs(variance - 0.25) < 0.005)
    #expect(abs(kurtosis - 3) < 0.06)
  }

  @Test func `truncated normal numbers stay within two deviations and spread by 0.8796`() {
    var source = RandomSource(seed: 4)
    let values = source.truncatedNormal(Self.count, standardDeviation: 3)
    let (mean, variance, _) = moments(values)
    #expect(values.allSatisfy { abs($0) <= 6 })
    #expect(abs(mean) < Self.five * 3)
    #expect(abs(variance.squareRoot() / 3 - 0.87962566103423978) < 0.005)
  }

  @Test func `a permutation has every number once, and each place is equally likely`() {
    var source = RandomSource(seed: 5)
    #expect(source.permutation(0) == [])
    #expect(source.permutation(1000).sorted() == Array(0..<1000))
    var firsts = [Int](repeating: 0, count: 5)
    for _ in 0..<5000 { firsts[source.permutation(5)[0]] += 1 }
    // Five standard deviations of a binomial count are 141.
    #expect(firsts.allSatisfy { abs($0 - 1000) < 141 })
  }
}
