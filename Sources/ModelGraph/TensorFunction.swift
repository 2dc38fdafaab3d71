/// The functions of tensors that a model may call, by the names of TensorFlow and of Keras 3.
import Engine
import KerasCheckpoint
import Tensors

/// A function as ops.
struct TensorFunction: Sendable, Hashable {
  let name: String

  /// - Parameter name: such as `math.add`, `__operators__.add`, `compat.v1.transpose` or Keras 3's `Add`.
  /// - Returns: nil where Keratin does not have the function.
  init?(named name: String) {
    var own = name.split(separator: ".").last.map(String.init) ?? name
    if own.first?.isUppercase == true { own = Self.snakeCase(own) }
    own = Self.aliases[own] ?? own
    // Of an image, and not of a vector of values.
    if own == "resize", !name.contains("image") { return nil }
    guard Self.build(own) != nil else { return nil }
    self.name = own
  }

  func callAsFunction(_ call: FunctionCall) throws -> [Value] {
    guard let build = Self.build(name) else {
      throw ModelGraphError(.unsupportedFunction(name))
    }
    return try build(call)
  }

  /// `TrueDivide` as `true_divide`.
  private static func snakeCase(_ name: String) -> String {
    var result = ""
    for character in name {
      if character.isUppercase, !result.isEmpty { result += "_" }
      result += character.lowercased()
    }
    return result
  }

  private static let aliases = [
    "absolute": "abs", "concatenate": "concat", "true_divide": "divide", "truediv": "divide",
    "realdiv": "divide", "div": "divide", "div_no_nan": "divide_no_nan", "pow": "power",
    "negative": "neg", "swish": "silu", "clip_by_value": "clip", "reduce_sum": "sum",
    "reduce_mean": "mean", "reduce_max": "max", "reduce_min": "min", "reduce_variance": "var",
    "reduce_std": "std", "amax": "max", "amin": "min", "identity": "identity",
    "stop_gradient": "stop_gradient", "relu_v2": "relu", "softmax_v2": "softmax",
    "l2_normalize": "normalize", "get_item": "getitem", "where_v2": "where",
    "reverse": "flip", "logical_xor": "not_equal", "pad_v2": "pad",
    "concat_v2": "concat", "gt": "greater", "lt": "less", "ge": "greater_equal",
    "le": "less_equal", "eq": "equal", "ne": "not_equal", "expand_dims_v2": "expand_dims",
    "squeeze_v2": "squeeze", "transpose_v2": "transpose",
  ]

  typealias Build = @Sendable (FunctionCall) throws -> [Value]

  private static func build(_ name: String) -> Build? {
    elementwise(name) ?? reductions(name) ?? products(name) ?? rearranging(name)
  }

  private static func binary(_ function: @escaping @Sendable (Value, Value) throws -> Value)
    -> Build
  {
    { call in [try function(call.operand(0, "x", "a"), call.operand(1, "y", "b"))] }
  }

  private static func unary(_ function: UnaryFunction) -> Build {
    { call in [try call.operand(0, "x", "features", "input").apply(function)] }
  }

  /// 1 less the value, which of zeros and ones is their opposite.
  private static func opposite(_ value: Value) throws -> Value {
    try value.apply(.affine(scale: -1, offset: 1))
  }

  private static func elementwise(_ name: String) -> Build? {
    switch name {
    case "add": return binary { try $0 + $1 }
    case "subtract": return binary { try $0 - $1 }
    case "multiply": return binary { try $0 * $1 }
    case "divide": return binary { try $0 / $1 }
    case "maximum": return binary { try $0.maximum($1) }
    case "minimum": return binary { try $0.minimum($1) }
    case "power": return binary { try $0.power($1) }
    case "squared_difference": return binary { try ($0 - $1).apply(.square) }
    case "equal": return binary { try $0.equal(to: $1) }
    case "not_equal": return binary { try $0.notEqual(to: $1) }
    case "greater": return binary { try $0.greater(than: $1) }
    case "greater_equal": return binary { try $0.greaterOrEqual(to: $1) }
    case "less": return binary { try $1.greater(than: $0) }
    case "less_equal": return binary { try $1.greaterOrEqual(to: $0) }
    case "logical_and": return binary { try $0.minimum($1) }
    case "logical_or": return binary { try $0.maximum($1) }
    case "logical_not": return { call in [try opposite(call.operand(0, "x"))] }
    case "divide_no_nan":
      return binary { x, y in
        let zero = try x.builder.constant(0)
        return try y.equal(to: zero).select(ifTrue: zero, ifFalse: x / y)
      }
    case "bias_add": return { call in [try call.operand(0, "value") + call.operand(1, "bias")] }
    case "neg": return unary(.negate)
    case "abs": return unary(.abs)
    case "square": return unary(.square)
    case "sqrt": return unary(.sqrt)
    case "rsqrt": return unary(.rsqrt)
    case "exp": return unary(.exp)
    case "log": return unary(.log)
    case "sign": return unary(.sign)
    case "reciprocal": return unary(.reciprocal)
    case "relu": return unary(.relu())
    case "relu6": return unary(.relu6)
    case "sigmoid": return unary(.sigmoid)
    case "tanh": return unary(.tanh)
    case "softplus": return unary(.softplus)
    case "softsign": return unary(.softsign)
    case "selu": return unary(.selu)
    case "silu": return unary(.silu)
    case "log_sigmoid": return unary(.logSigmoid)
    case "elu":
      return { call in
        [
          try call.operand(0, "features", "x").apply(
            .elu(alpha: Float(call.number(1, "alpha", default: 1))))
        ]
      }
    case "leaky_relu":
      return { call in
        let slope = try call.number(1, "alpha", "negative_slope", default: 0.2)
        return [try call.operand(0, "features", "x").apply(.leakyRelu(slope: Float(slope)))]
      }
    case "gelu":
      return { call in
        // Keras 3's function approximates unless told otherwise, and then it says so; TensorFlow's does not.
        let approximates = try call.flag("approximate")
        return [try call.operand(0, "features", "x").apply(.gelu(approximate: approximates))]
      }
    case "clip":
      return { call in
        let (low, high) = (
          try call.number(1, "clip_value_min", "x_min", default: -.greatestFiniteMagnitude),
          try call.number(2, "clip_value_max", "x_max", default: .greatestFiniteMagnitude)
        )
        return [try call.operand(0, "t", "x").apply(.clip(Float(low), Float(high)))]
      }
    case "cast":
      return { call in
        let name = try call.setting(1, "dtype")?.string ?? "float32"
        guard let type = DType(rawValue: name), type != .bool else {
          throw ModelGraphError(.unsupportedOption(value: "a cast to \(name)"))
        }
        let x = try call.operand(0, "x")
        return [try type.isFloatingPoint ? x : x.toInt().toFloat()]
      }
    case "identity": return { call in [try call.operand(0, "input", "x")] }
    case "zeros_like":
      return { call in [try call.builder.constant(0, call.operand(0, "input", "x").shape)] }
    case "ones_like":
      return { call in [try call.builder.constant(1, call.operand(0, "input", "x").shape)] }
    case "where":
      return { call in
        let condition = try call.operand(0, "condition")
        let (a, b) = (try call.operand(1, "x"), try call.operand(2, "y"))
        return [try condition.select(ifTrue: a, ifFalse: b)]
      }
    case "softmax":
      return { call in
        [try call.operand(0, "logits", "x").softmax(axis: call.integer(1, "axis", default: -1))]
      }
    case "log_softmax":
      return { call in
        [try call.operand(0, "logits", "x").logSoftmax(axis: call.integer(1, "axis", default: -1))]
      }
    default: return nil
    }
  }

  /// - Parameter reduce: gets the value and the axes, and keeps them with extent 1.
  private static func reduction(
    _ reduce: @escaping @Sendable (Value, [Int]) throws -> Value
  ) -> Build {
    { call in
      let x = try call.operand(0, "input_tensor", "x")
      try call.refuse("initial")
      let axes = try places(call.integers(1, "axis") ?? Array(0..<x.rank), x)
      let kept = try reduce(x, axes)
      guard try !call.flag("keepdims", "keep_dims") else { return [kept] }
      let left = x.shape.dimensions.enumerated().filter { !axes.contains($0.offset) }
      return [try kept.reshaped(Shape(left.map(\.element)))]
    }
  }

  private static func variance(_ x: Value, _ axes: [Int]) throws -> Value {
    try (x - x.mean(axes: axes, keepDims: true)).apply(.square).mean(axes: axes, keepDims: true)
  }

  private static func reductions(_ name: String) -> Build? {
    switch name {
    case "sum": return reduction { try $0.sum(axes: $1, keepDims: true) }
    case "mean": return reduction { try $0.mean(axes: $1, keepDims: true) }
    case "max": return reduction { try $0.max(axes: $1, keepDims: true) }
    case "min": return reduction { try -(-$0).max(axes: $1, keepDims: true) }
    case "var": return reduction { try variance($0, $1) }
    case "std": return reduction { try variance($0, $1).apply(.sqrt) }
    case "normalize":
      return { call in
        guard try call.number(nil, "order", default: 2) == 2 else {
          throw ModelGraphError(.unsupportedOption(value: "an order other than 2"))
        }
        let x = try call.operand(0, "x")
        let axes = try places(call.integers(1, "axis") ?? [-1], x)
        let squares = try x.apply(.square).sum(axes: axes, keepDims: true)
        // Both let the square of the length be no less than this: TensorFlow 1e-12, Keras 3 its epsilon squared.
        let epsilon =
          call.settings["order"] == nil
          ? try call.number(nil, "epsilon", default: 1e-12)
          : try { $0 * $0 }(call.number(nil, "epsilon", default: 1e-7))
        let least = try call.builder.constant(Float(epsilon))
        return [try x * squares.maximum(least).apply(.rsqrt)]
      }
    default: return nil
    }
  }

  private static func products(_ name: String) -> Build? {
    switch name {
    case "matmul":
      return { call in
        try call.refuse("adjoint_a", "adjoint_b", "a_is_sparse", "b_is_sparse")
        let (a, b) = (try call.operand(0, "a", "x1"), try call.operand(1, "b", "x2"))
        let (turnsA, turnsB) = (try call.flag("transpose_a"), try call.flag("transpose_b"))
        guard a.rank >= 2, b.rank >= 2 else {
          throw ModelGraphError(.unsupportedOption(value: "a product with a vector"))
        }
        if b.rank == 2, !turnsA {
          let rows = try a.reshaped([
            a.shape.dimensions.dropLast().reduce(1, *), a.shape[a.rank - 1],
          ])
          let product = try rows.matmul(b, transposeB: turnsB)
          return [
            try product.reshaped(Shape(a.shape.dimensions.dropLast() + [product.shape[1]]))
          ]
        }
        let batch = Array(a.shape.dimensions.dropLast(2))
        guard batch == Array(b.shape.dimensions.dropLast(2)) else {
          throw ModelGraphError(.unsupportedOption(value: "a product of stacks that broadcast"))
        }
        func stack(_ x: Value) throws -> Value {
          try x.reshaped(Shape([batch.reduce(1, *)] + x.shape.dimensions.suffix(2)))
        }
        let product = try stack(a).batchMatmul(
          stack(b), transposeA: turnsA, transposeB: turnsB)
        return [try product.reshaped(Shape(batch + product.shape.dimensions.suffix(2)))]
      }
    default: return nil
    }
  }

  /// The axes from 0.
  static func places(_ axes: [Int], _ x: Value) throws -> [Int] {
    try axes.map { axis in
      let place = axis < 0 ? axis + x.rank : axis
      guard (0..<x.rank).contains(place) else {
        throw ModelGraphError(
          .inputShape(expected: "an axis \(axis)", found: LayerShape(x.shape.dimensions)))
      }
      return place
    }
  }
}
