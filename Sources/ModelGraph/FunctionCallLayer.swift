/// A function of tensors that a model calls without a layer of its own.
import Engine
public import KerasCheckpoint
import Tensors

/// What Keras 2 writes as `TFOpLambda` and `SlicingOpLambda` (`x + y`, `tf.reshape(x, …)`), and Keras 3 as an
/// operation (`keras.ops.add`): the function by its name, and in the call its arguments.
///
/// The shapes of results are those that the function's ops have for inputs of two sizes, with nil where these
/// differ. Its entry is kept as it was stored.
/// Source: `tf_keras/src/layers/core/tf_op_layer.py`, `keras/src/ops/`.
public struct FunctionCallLayer: Layer {
  /// No class of Keras; ``storedClassName`` has the layer's own.
  public static let className = "FunctionCallLayer"

  public var attributes: LayerAttributes
  /// The class as stored, such as `TFOpLambda`.
  public let storedClassName: String
  /// The whole entry as stored.
  public let entry: JSON
  private let function: TensorFunction
  private let arguments: FunctionArguments

  /// - Returns: nil where the entry is no call of a function.
  /// - Throws: `ModelGraphError` where Keratin does not have the function.
  init?(_ entry: LayerEntry) throws(ModelGraphError) {
    guard let name = entry.functionName else { return nil }
    guard let node = entry.json["inbound_nodes"]?[0], let arguments = FunctionArguments(node),
      !arguments.references.isEmpty
    else {
      throw ModelGraphError(
        .unsupportedOption(value: "a call of \(name) whose arguments the file does not have"),
        at: .init(layer: entry.name, className: entry.className, key: "inbound_nodes"))
    }
    guard let function = TensorFunction(named: name) else {
      throw ModelGraphError(
        .unsupportedFunction(name), at: .init(layer: entry.name, className: entry.className))
    }
    self.entry = entry.json
    self.function = function
    self.arguments = arguments
    storedClassName = entry.className
    attributes = LayerAttributes(name: entry.name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    throw ModelGraphError(
      .unsupportedLayer, at: .init(layer: config.layerName, className: config.className))
  }

  public var settings: [String: JSON] { entry["config"]?.object ?? [:] }

  public var config: [String: JSON] { settings }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    // Two primes, so that no size of a model is a multiple.
    let (one, other) = (try shapes(inputs, unknown: 1009), try shapes(inputs, unknown: 2003))
    guard inputs.contains(where: { $0.extents.contains(nil) }) else { return one }
    return zip(one, other).map { one, other in
      LayerShape(zip(one.extents, other.extents).map { $0 == $1 ? $0 : nil })
    }
  }

  /// The shapes of the results where every extent that is not known is this one.
  private func shapes(
    _ inputs: [LayerShape], unknown: Int
  ) throws(ModelGraphError) -> [LayerShape] {
    let builder = ProgramBuilder()
    var values: [Value] = []
    for (place, input) in inputs.enumerated() {
      guard let shape = Shape(checking: input.extents.map { $0 ?? unknown }) else {
        throw ModelGraphError(.tooLarge(what: "an input of shape \(input)"))
      }
      values.append(builder.input("\(place)", TensorType(shape)))
    }
    do {
      return try results(values, builder).map { LayerShape($0.shape.dimensions) }
    } catch {
      throw ModelGraphError(wrapping: error)
    }
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    try results(inputs.map(\.value), context.builder).map { Signal($0) }
  }

  private func results(_ values: [Value], _ builder: ProgramBuilder) throws -> [Value] {
    guard values.count == arguments.references.count else {
      throw ModelGraphError(
        .inputCount(expected: arguments.references.count, found: values.count))
    }
    return try function(
      FunctionCall(
        arguments: arguments, settings: settings, values: values, builder: builder))
  }
}

extension LayerEntry {
  /// The function that the entry calls, such as `math.add`; nil where it has a layer.
  var functionName: String? {
    switch className {
    case "TFOpLambda": return settings["function"]?.string
    case "SlicingOpLambda": return "getitem"
    default:
      // An operation of Keras 3 has none of what every layer has; the legacy form does not say its module.
      let module = json["module"]?.string
      guard decoding.dialect == .keras3, module.map({ $0.hasPrefix("keras.src.ops.") }) ?? true,
        settings["trainable"] == nil, settings["dtype"].map({ $0.object == nil }) ?? true,
        json["inbound_nodes"]?.array?.isEmpty == false, className != "InputLayer"
      else { return nil }
      return module != nil || TensorFunction(named: className) != nil ? className : nil
    }
  }
}

/// One call of a function: what it was given, as values of a program and as settings.
struct FunctionCall {
  let arguments: FunctionArguments
  /// What Keras 3 keeps in the operation's configuration.
  let settings: [String: JSON]
  let values: [Value]
  let builder: ProgramBuilder

  /// The argument at a place or, in Keras 2 behind the first, by one of these names.
  private func argument(_ place: Int, _ names: [String]) -> FunctionArguments.Argument? {
    if arguments.places.indices.contains(place) { return arguments.places[place] }
    return names.lazy.compactMap { arguments.names[$0] }.first
  }

  /// The argument as a value: a tensor, or numbers of the file.
  func operand(_ place: Int, _ names: String...) throws -> Value {
    guard let argument = argument(place, names) else {
      throw ModelGraphError(.missingKey, at: .init(key: names.first ?? "inbound_nodes"))
    }
    return try value(argument)
  }

  /// The argument as several values.
  func operands(_ place: Int, _ names: String...) throws -> [Value] {
    guard let argument = argument(place, names) else {
      throw ModelGraphError(.missingKey, at: .init(key: names.first ?? "inbound_nodes"))
    }
    if case .list(let elements) = argument { return try elements.map(value) }
    return [try value(argument)]
  }

  private func value(_ argument: FunctionArguments.Argument) throws -> Value {
    switch argument {
    case .tensor(let place): return values[place]
    case .constant(let json):
      guard let numbers = Numbers(json: json.bool.map { .int($0 ? 1 : 0) } ?? json) else {
        throw ModelGraphError(
          .wrongValue(expected: "a tensor or numbers", found: String(json.text.prefix(80))))
      }
      return try numbers.value(builder)
    case .list: throw ModelGraphError(.unsupportedOption(value: "a list of tensors and numbers"))
    }
  }

  /// A setting of the function, from the call or from the configuration; nil where it is absent or null.
  func setting(_ place: Int?, _ names: String...) throws -> JSON? {
    for argument in [place.flatMap { argument($0, []) }] + names.map({ arguments.names[$0] }) {
      switch argument {
      case .constant(let json)?: if !json.isNull { return json }
      case .tensor?, .list?:
        throw ModelGraphError(
          .unsupportedOption(value: "a tensor as \(names.first ?? "an argument")"))
      case nil: continue
      }
    }
    return names.lazy.compactMap { settings[$0] }.first { !$0.isNull }
  }

  /// Whole numbers: a list of them, or one.
  func integers(_ place: Int?, _ names: String...) throws -> [Int]? {
    var found: JSON?
    for name in names where found == nil { found = try setting(place, name) }
    guard let found else { return nil }
    let list = found.array ?? [found]
    let numbers = list.compactMap(\.int).filter {
      (-LayerConfig.countLimit...LayerConfig.countLimit).contains($0)
    }
    guard numbers.count == list.count else {
      throw ModelGraphError(
        .wrongValue(expected: "whole numbers", found: String(found.text.prefix(80))))
    }
    return numbers
  }

  func integer(_ place: Int?, _ names: String..., default standard: Int? = nil) throws -> Int {
    var found: JSON?
    for name in names where found == nil { found = try setting(place, name) }
    guard let number = found?.int ?? (found == nil ? standard : nil),
      (-LayerConfig.countLimit...LayerConfig.countLimit).contains(number)
    else {
      throw ModelGraphError(
        .wrongValue(expected: "a whole number", found: found?.text ?? "none"),
        at: .init(key: names.first))
    }
    return number
  }

  func number(_ place: Int?, _ names: String..., default standard: Double) throws -> Double {
    for name in names {
      guard let found = try setting(place, name) else { continue }
      guard let number = found.double, number.isFinite else {
        throw ModelGraphError(
          .wrongValue(expected: "a number", found: found.text), at: .init(key: name))
      }
      return number
    }
    return standard
  }

  func flag(_ names: String...) throws -> Bool {
    for name in names {
      if let found = try setting(nil, name) { return found.bool ?? false }
    }
    return false
  }

  func refuse(_ names: String...) throws {
    for name in names where try setting(nil, name) != nil {
      throw ModelGraphError(.unsupportedOption(value: "the argument \"\(name)\""))
    }
  }
}
