/// A connection of features that an equation describes.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = activation(x · kernel + bias)`, the product being what `equation` says: `ab,bc->ac` is a dense layer.
/// Each letter is an axis, the input's first; three dots stand for any axes in front or behind.
///
/// Weights: `kernel`, and `bias` where there are `biasAxes`, letters of the result that it has from the first
/// of them on. Source: `keras/src/layers/core/einsum_dense.py`.
public struct EinsumDense: SingleInputLayer {
  public static let className = "EinsumDense"

  public var attributes: LayerAttributes
  public var equation: EinsumEquation
  /// The sizes of the result behind the batch, nil for what the input says; without the axes for which
  /// dots stand.
  public var partialOutputShape: LayerShape
  public var biasAxes: String?
  public var activation: Activation
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?

  /// - Throws: `ModelGraphError` where the equation is none.
  public init(
    _ equation: String, outputShape: LayerShape, biasAxes: String? = nil,
    activation: Activation = .linear, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, name: String? = nil, trainable: Bool = true
  ) throws(ModelGraphError) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    guard let parsed = EinsumEquation(equation) else {
      throw ModelGraphError(
        .wrongValue(expected: EinsumEquation.expected, found: equation),
        at: .init(className: Self.className, key: "equation"))
    }
    self.equation = parsed
    partialOutputShape = outputShape
    self.biasAxes = biasAxes
    self.activation = activation
    kernel = WeightSettings(kernelInitializer)
    bias = WeightSettings(biasInitializer)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    guard let text = config.value("equation") else { throw config.missing("equation") }
    guard let equation = text.string.flatMap(EinsumEquation.init) else {
      throw config.wrong("equation", EinsumEquation.expected, text)
    }
    self.equation = equation
    if config.value("output_shape")?.int != nil {
      partialOutputShape = LayerShape([try config.count("output_shape")])
    } else {
      guard let shape = try config.shape("output_shape") else {
        throw config.missing("output_shape")
      }
      partialOutputShape = shape
    }
    if let stored = config.value("bias_axes") {
      guard let axes = stored.string, !axes.isEmpty, Set(axes).count == axes.count,
        axes.allSatisfy(equation.result.contains)
      else {
        throw config.wrong("bias_axes", "letters of the result", stored)
      }
      biasAxes = axes
    }
    activation = try config.activation("activation", default: .linear)
    kernel = try config.weight("kernel", .glorotUniform)
    bias = try config.weight("bias", .zeros)
    activityRegularizer = try config.regularizer("activity_regularizer")
    try config.refuse("lora_rank", "quantization_config", "gptq_unpacked_column_size")
  }

  public var settings: [String: JSON] {
    var settings = kernel.config("kernel").merging(bias.config("bias")) { $1 }
    settings["equation"] = .string(equation.text)
    settings["output_shape"] = partialOutputShape.json
    settings["bias_axes"] = biasAxes.map(JSON.string) ?? .null
    settings["activation"] = activation.json
    settings["activity_regularizer"] = activityRegularizer?.json ?? .null
    return settings
  }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let sizes = try sizes(input)
    let letters = equation.letters(rank: input.rank)
    func known(_ letter: Character) throws(ModelGraphError) -> Int {
      guard let size = sizes[letter] ?? nil else {
        throw ModelGraphError(
          .inputShape(expected: "a known size of the axis \"\(letter)\"", found: input))
      }
      return size
    }
    var shape: [Int] = []
    for letter in letters.right { shape.append(try known(letter)) }
    var specs = [try WeightSpec("kernel", shape, kernel)]
    let made = letters.right.map { letters.result.contains($0) }
    // Keras counts what goes in and out by the axes that the product sums over.
    specs[0].fans = WeightSpec.Fans(
      in: zip(shape, made).reduce(1) { $1.1 ? $0 : $0 * $1.0 },
      out: zip(shape, made).reduce(1) { $1.1 ? $0 * $1.0 : $0 })
    if let biasAxes {
      let first = letters.result.firstIndex(where: biasAxes.contains) ?? 0
      var shape: [Int] = []
      for letter in letters.result[first...] {
        shape.append(biasAxes.contains(letter) ? try known(letter) : 1)
      }
      specs.append(try WeightSpec("bias", shape, bias))
    }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    let sizes = try sizes(input)
    var extents = equation.letters(rank: input.rank).result.map { sizes[$0] ?? nil }
    if let last = extents.last {
      extents[extents.count - 1] = activation.function?.outputWidth(last) ?? last
    }
    return LayerShape(extents)
  }

  /// The size of each letter: the input's, or else what the configuration says of the result.
  private func sizes(_ input: LayerShape) throws(ModelGraphError) -> [Character: Int?] {
    let letters = equation.letters(rank: input.rank)
    guard letters.left.count == input.rank else {
      throw ModelGraphError(
        .inputShape(expected: "data for the equation \(equation.text)", found: input))
    }
    var sizes: [Character: Int?] = [:]
    for (letter, size) in zip(letters.left, input.extents) {
      sizes.updateValue(size, forKey: letter)
    }
    let elided = equation.elided(rank: input.rank)
    let named = letters.result.filter { !elided.contains($0) }
    // With dots in front the batch is one of their axes.
    let given = equation.dots == .front && !elided.isEmpty ? named : Array(named.dropFirst())
    guard given.count == partialOutputShape.rank else {
      throw ModelGraphError(
        .wrongValue(
          expected: "\(given.count) sizes for the equation \(equation.text)",
          found: "\(partialOutputShape)"), at: .init(key: "output_shape"))
    }
    for (letter, size) in zip(given, partialOutputShape.extents) {
      guard let size else { continue }
      if let known = sizes[letter] ?? nil, known != size {
        throw ModelGraphError(
          .inputShape(expected: "\(size) along the axis \"\(letter)\"", found: input))
      }
      sizes.updateValue(size, forKey: letter)
    }
    return sizes
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let bias = biasAxes == nil ? nil : context.weight("bias")
    return try activation(
      equation.product(input, context.weight("kernel"), bias: bias, activation: activation))
  }
}

/// An equation of two terms and a result.
public struct EinsumEquation: Sendable, Hashable {
  public let text: String
  let left: [Character]
  let right: [Character]
  let result: [Character]
  let dots: Dots

  /// Where the axes are that have no letters.
  enum Dots: Sendable { case none, front, back }

  static let expected = "an equation as ab,bc->ac, with dots in front or behind, or without"

  /// Nil where the text is none that Keras knows.
  public init?(_ text: String) {
    let sides = text.replacing(" ", with: "").split(
      separator: "->", omittingEmptySubsequences: false)
    guard sides.count == 2 else { return nil }
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == 2 else { return nil }
    var (left, result) = (terms[0], sides[1])
    if left.hasPrefix("..."), result.hasPrefix("...") {
      dots = .front
      left = left.dropFirst(3)
      result = result.dropFirst(3)
    } else if left.hasSuffix("..."), result.hasSuffix("...") {
      dots = .back
      left = left.dropLast(3)
      result = result.dropLast(3)
    } else {
      dots = .none
    }
    self.text = text
    self.left = Array(left)
    right = Array(terms[1])
    self.result = Array(result)
    guard (self.left + right + self.result).allSatisfy({ $0.isASCII && $0.isLetter }),
      !left.isEmpty, !right.isEmpty, !result.isEmpty,
      right.allSatisfy({ left.contains($0) || result.contains($0) }),
      Einsum(self.left, right, to: self.result) != nil
    else { return nil }
  }

  /// Letters for the axes that have none, which the equation cannot have.
  func elided(rank: Int) -> [Character] {
    guard dots != .none else { return [] }
    return (0..<max(0, min(rank, LayerConfig.rankLimit) - left.count)).map {
      Character(UnicodeScalar(128 + UInt8($0)))
    }
  }

  /// The terms for an input of that rank, with letters for the dots.
  func letters(
    rank: Int
  ) -> (left: [Character], right: [Character], result: [Character]) {
    let elided = elided(rank: rank)
    return dots == .front
      ? (elided + left, right, elided + result) : (left + elided, right, result + elided)
  }

  /// What the equation says, plus the bias.
  func product(
    _ x: Value, _ kernel: Value, bias: Value?, activation: Activation
  ) throws -> Value {
    let letters = letters(rank: x.rank)
    guard let einsum = Einsum(letters.left, letters.right, to: letters.result) else {
      preconditionFailure("an equation that was read and is none")
    }
    guard let bias else { return try einsum(x, kernel) }
    // A bias of all columns of the product is added while it is a matrix.
    let columns = letters.result.filter { !letters.left.contains($0) }
    let width = columns.reduce(1) { product, letter in
      product * (letters.right.firstIndex(of: letter).map { kernel.shape[$0] } ?? 1)
    }
    guard einsum.columnsAreLast, bias.rank == columns.count, bias.shape.count == width else {
      return try einsum(x, kernel) + bias
    }
    return try einsum(x, kernel, bias: bias.reshaped([width]))
  }
}
