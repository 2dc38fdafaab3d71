import Engine
import Tensors
import Testing

@Suite struct EinsumTests {
  /// Matrix products as they lie and transposed, of stacks, with axes of one operand alone, and outer ones.
  @Test(arguments: [
    ("ab,bc->ac", [3, 4], [4, 5]), ("ba,cb->ca", [4, 3], [5, 4]),
    ("abc,cde->abde", [2, 3, 4], [4, 2, 3]),
    ("abcd,cde->abe", [2, 3, 4, 2], [4, 2, 3]), ("aecd,abcd->acbe", [2, 3, 2, 4], [2, 5, 2, 4]),
    ("acbe,aecd->abcd", [2, 3, 4, 5], [2, 5, 3, 2]), ("abc,bcd->acbd", [2, 3, 4], [3, 4, 2]),
    ("ab,cd->adcb", [2, 3], [4, 2]), ("abc,bd->ad", [2, 3, 4], [3, 5]),
    ("ab,ab->ab", [3, 4], [3, 4]),
    ("ab,ab->a", [3, 4], [3, 4]), ("abc,c->ab", [2, 3, 4], [4]), ("a,a->", [4], [4]),
  ])
  func `A sum of products is that of its letters`(equation: String, x: [Int], y: [Int]) throws {
    let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",").map(Array.init)
    let result = Array(sides[1])
    let einsum = try #require(Einsum(terms[0], terms[1], to: result))
    let shapes = [Shape(x), Shape(y)]
    let checks = OpChecks(shapes) { try einsum($1[0], $1[1]) }
    try checks.expectExecutionMatchesReference()
    try checks.expectGradientsMatchDifferences()

    var generator = SeededGenerator(5)
    let operands = shapes.map { OpChecks.Operand($0).draw(&generator) }
    let builder = ProgramBuilder()
    let values = shapes.enumerated().map { builder.input("x\($0.offset)", TensorType($0.element)) }
    builder.output("y", try einsum(values[0], values[1]))
    let found = try #require(
      builder.program.evaluateReference(inputs: operands, states: [:])["y"])
    expectClose(
      found.values, naive(terms, result, operands), tolerance: 1e-12, equation)
  }

  /// Over all places of all letters.
  private func naive(
    _ terms: [[Character]], _ result: [Character], _ operands: [ReferenceTensor]
  ) -> [Double] {
    var extents: [Character: Int] = [:]
    for (term, operand) in zip(terms, operands) {
      for (letter, extent) in zip(term, operand.shape.dimensions) { extents[letter] = extent }
    }
    let letters = extents.keys.sorted()
    var values = [Double](repeating: 0, count: result.reduce(1) { $0 * extents[$1, default: 1] })
    for place in 0..<letters.reduce(1, { $0 * extents[$1, default: 1] }) {
      var rest = place
      var positions: [Character: Int] = [:]
      for letter in letters {
        positions[letter] = rest % extents[letter, default: 1]
        rest /= extents[letter, default: 1]
      }
      func offset(_ term: [Character]) -> Int {
        term.reduce(0) { $0 * extents[$1, default: 1] + positions[$1, default: 0] }
      }
      values[offset(result)] +=
        operands[0].values[offset(terms[0])] * operands[1].values[offset(terms[1])]
    }
    return values
  }

  @Test func `Letters that are no equation, and operands that do not fit it, are refused`() throws {
    #expect(Einsum(["a", "a"], ["b"], to: ["b"]) == nil)
    #expect(Einsum(["a"], ["b"], to: ["c"]) == nil)
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 3]))
    let einsum = try #require(Einsum(["a", "b"], ["b", "c"], to: ["a", "c"]))
    #expect(throws: EngineError.self) { try einsum(x, x) }
  }
}
