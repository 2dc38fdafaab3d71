/// Functions that give elements other places.
import Engine
import KerasCheckpoint
import Tensors

extension TensorFunction {
  static func rearranging(_ name: String) -> Build? {
    switch name {
    case "reshape":
      return { call in
        let x = try call.operand(0, "tensor", "x")
        return [try x.reshaped(shape(call.integers(1, "shape", "newshape") ?? [], of: x))]
      }
    case "ravel":
      return { call in
        let x = try call.operand(0, "x")
        return [try x.reshaped([x.shape.count])]
      }
    case "transpose":
      return { call in
        let x = try call.operand(0, "a", "x")
        let order = try call.integers(1, "perm", "axes") ?? Array((0..<x.rank).reversed())
        return [try x.transposed(places(order, x))]
      }
    case "swapaxes":
      return { call in
        let x = try call.operand(0, "x")
        let pair = try places([call.integer(1, "axis1"), call.integer(2, "axis2")], x)
        var order = Array(0..<x.rank)
        order.swapAt(pair[0], pair[1])
        return [try x.transposed(order)]
      }
    case "moveaxis":
      return { call in
        let x = try call.operand(0, "x")
        let sources = try places(call.integers(1, "source") ?? [], x)
        let targets = try places(call.integers(2, "destination") ?? [], x)
        guard sources.count == targets.count, Set(sources).count == sources.count,
          Set(targets).count == targets.count
        else { throw wrong("source", "as many axes as in \"destination\"") }
        var rest = (0..<x.rank).filter { !sources.contains($0) }
        for (source, target) in zip(sources, targets).sorted(by: { $0.1 < $1.1 }) {
          rest.insert(source, at: target)
        }
        return [try x.transposed(rest)]
      }
    case "expand_dims":
      return { call in
        let x = try call.operand(0, "input", "x")
        var extents = x.shape.dimensions
        let axes = try call.integers(1, "axis") ?? []
        for axis in axes.map({ $0 < 0 ? $0 + x.rank + axes.count : $0 }).sorted() {
          guard (0...extents.count).contains(axis) else {
            throw wrong("axis", "a place for an axis")
          }
          extents.insert(1, at: axis)
        }
        return [try x.reshaped(Shape(extents))]
      }
    case "squeeze":
      return { call in
        let x = try call.operand(0, "input", "x")
        let extents = x.shape.dimensions
        let axes =
          try call.integers(1, "axis", "squeeze_dims").map { try places($0, x) }
          ?? extents.indices.filter { extents[$0] == 1 }
        guard axes.allSatisfy({ extents[$0] == 1 }) else { throw wrong("axis", "axes of extent 1") }
        return [
          try x.reshaped(Shape(extents.indices.filter { !axes.contains($0) }.map { extents[$0] }))
        ]
      }
    case "concat":
      return { call in
        let parts = try call.operands(0, "values", "xs")
        let axis = try call.integer(1, "axis", default: 0)
        return [try parts[0].concatenated(with: Array(parts.dropFirst()), axis: axis)]
      }
    case "stack":
      return { call in
        let parts = try call.operands(0, "values", "x")
        let rank = parts[0].rank
        let axis = try call.integer(1, "axis", default: 0)
        let place = axis < 0 ? axis + rank + 1 : axis
        guard (0...rank).contains(place) else { throw wrong("axis", "a place for an axis") }
        let wide = try parts.map { part in
          var extents = part.shape.dimensions
          guard extents.count == rank else { throw wrong("values", "tensors of one shape") }
          extents.insert(1, at: place)
          return try part.reshaped(Shape(extents))
        }
        return [try wide[0].concatenated(with: Array(wide.dropFirst()), axis: place)]
      }
    case "unstack":
      return { call in
        let x = try call.operand(0, "value", "x")
        let axis = try places([call.integer(nil, "axis", default: 0)], x)[0]
        guard x.shape[axis] <= Graph.layerLimit else { throw wrong("axis", "fewer parts") }
        return try (0..<x.shape[axis]).map { try element($0, x, axis) }
      }
    case "split":
      return { call in
        let x = try call.operand(0, "value", "x")
        let axis = try places([call.integer(2, "axis", default: 0)], x)[0]
        let isOfTensorFlow = try call.setting(nil, "num_or_size_splits") != nil
        let given = try call.setting(1, "num_or_size_splits", "indices_or_sections")
        let numbers = try call.integers(1, "num_or_size_splits", "indices_or_sections") ?? []
        var ends: [Int]
        if given?.array == nil, let count = numbers.first {
          guard count > 0, x.shape[axis] % count == 0 else { throw wrong("axis", "\(count) parts") }
          ends = (1...count).map { x.shape[axis] / count * $0 }
        } else if isOfTensorFlow {
          // Sizes, of which one may be left out.
          let rest = x.shape[axis] - numbers.filter { $0 >= 0 }.reduce(0, +)
          ends = []
          for size in numbers { ends.append((ends.last ?? 0) + (size < 0 ? rest : size)) }
        } else {
          ends = numbers + [x.shape[axis]]
        }
        guard ends.last == x.shape[axis], ends == ends.sorted(), ends.allSatisfy({ $0 >= 0 }) else {
          throw wrong("axis", "parts that make up the axis")
        }
        return try zip([0] + ends, ends).map { try x.slice(axis: axis, $0..<$1) }
      }
    case "tile":
      return { call in
        let x = try call.operand(0, "input", "x")
        let repeats = try call.integers(1, "multiples", "repeats") ?? []
        guard repeats.count == x.rank, repeats.allSatisfy({ (1...Graph.layerLimit).contains($0) })
        else { throw wrong("multiples", "a number above 0 for each axis") }
        return [
          try repeats.enumerated().reduce(x) { x, times in
            guard times.element > 1 else { return x }
            let copies = [Value](repeating: x, count: times.element - 1)
            return try x.concatenated(with: copies, axis: times.offset)
          }
        ]
      }
    case "repeat":
      return { call in
        let x = try call.operand(0, "input", "x")
        let axis = try places([call.integer(2, "axis")], x)[0]
        let times = try call.integer(1, "repeats")
        guard (1...Graph.layerLimit).contains(times) else { throw wrong("repeats", "a count") }
        return [try arranged(x, axis, (0..<x.shape[axis] * times).map { $0 / times })]
      }
    case "flip":
      return { call in
        let x = try call.operand(0, "tensor", "x")
        return [
          try places(call.integers(1, "axis") ?? Array(0..<x.rank), x).reduce(x) { x, axis in
            try arranged(x, axis, (0..<x.shape[axis]).reversed())
          }
        ]
      }
    case "pad":
      return { call in
        let x = try call.operand(0, "tensor", "x")
        if let mode = try call.setting(nil, "mode")?.string, mode.lowercased() != "constant" {
          throw ModelGraphError(.unsupportedOption(value: "padding by \(mode)"))
        }
        let fill = try call.number(nil, "constant_values", default: 0)
        let given = try call.setting(1, "paddings", "pad_width")
        let pairs = (given?.array ?? []).map { ($0.array ?? []).compactMap(\.int) }
        guard pairs.count == x.rank,
          pairs.allSatisfy({ $0.count == 2 && $0.allSatisfy((0...LayerConfig.countLimit).contains) }
          )
        else { throw wrong("paddings", "a pair of whole numbers for each axis") }
        return [try padded(x, pairs, fill: Float(fill))]
      }
    case "getitem": return { call in [try item(call)] }
    case "resize":
      return { call in
        let images = try call.operand(0, "images", "x")
        let size = try call.integers(1, "size") ?? []
        let method = try call.setting(2, "method", "interpolation")?.string ?? "bilinear"
        if try call.flag("preserve_aspect_ratio") {
          throw ModelGraphError(.unsupportedOption(value: "preserve_aspect_ratio = true"))
        }
        guard images.rank == 4, size.count == 2,
          size.allSatisfy({ (1...UpSamplingOptions.positionLimit).contains($0) }),
          let interpolation = Interpolation(rawValue: method)
        else { throw wrong("size", "images and a size for them") }
        return [
          try images.resized(
            to: ImageSize(height: size[0], width: size[1]), .channelsLast, interpolation,
            antialias: call.flag("antialias"))
        ]
      }
    default: return nil
    }
  }

  private static func padded(_ x: Value, _ pairs: [[Int]], fill: Float) throws -> Value {
    var result = x
    for (axis, pair) in pairs.enumerated() where pair != [0, 0] {
      guard fill != 0 else {
        result = try result.padded(axis: axis, before: pair[0], after: pair[1])
        continue
      }
      func side(_ count: Int) throws -> Value {
        var extents = result.shape.dimensions
        extents[axis] = count
        return try x.builder.constant(fill, Shape(extents))
      }
      result = try side(pair[0]).concatenated(with: [result, side(pair[1])], axis: axis)
    }
    return result
  }

  /// The part of a tensor that `x[…]` means: for each axis a number, a range, a new axis or all that is between.
  private static func item(_ call: FunctionCall) throws -> Value {
    let x = try call.operand(0, "tensor")
    let given = try call.setting(1, "slice_spec", "key") ?? .array([])
    let specs = given.array ?? [given]
    func isNamed(_ spec: JSON, _ name: String) -> Bool { spec["class_name"]?.string == name }
    let isNew = { (spec: JSON) in spec.isNull || isNamed(spec, "__tf_newaxis__") }
    let named = specs.count { !isNew($0) && !isNamed($0, "__ellipsis__") }
    guard named <= x.rank else { throw wrong("slice_spec", "at most \(x.rank) axes") }
    var result = x
    var axis = 0
    for spec in specs {
      if isNamed(spec, "__ellipsis__") {
        axis += x.rank - named
      } else if isNew(spec) {
        var extents = result.shape.dimensions
        extents.insert(1, at: axis)
        result = try result.reshaped(Shape(extents))
        axis += 1
      } else if let number = spec.int {
        let place = number < 0 ? number + result.shape[axis] : number
        guard (0..<result.shape[axis]).contains(place) else {
          throw wrong("slice_spec", "a place on an axis of \(result.shape[axis])")
        }
        result = try element(place, result, axis)
      } else {
        result = try range(result, axis, spec["config"] ?? spec)
        axis += 1
      }
    }
    return result
  }

  /// `x[start:stop:step]` along an axis, as Python counts.
  private static func range(_ x: Value, _ axis: Int, _ spec: JSON) throws -> Value {
    let length = x.shape[axis]
    func bound(_ key: String) throws -> Int? {
      guard let value = spec[key], !value.isNull else { return nil }
      guard let number = value.int,
        (-LayerConfig.countLimit...LayerConfig.countLimit).contains(number)
      else { throw wrong("slice_spec", "whole numbers") }
      return number
    }
    guard spec.object != nil, let step = try bound("step") ?? 1 as Int?, step != 0 else {
      throw wrong("slice_spec", "places and ranges")
    }
    func place(_ number: Int, _ limits: ClosedRange<Int>) -> Int {
      min(max(number < 0 ? number + length : number, limits.lowerBound), limits.upperBound)
    }
    if step > 0 {
      let start = place(try bound("start") ?? 0, 0...length)
      let stop = max(start, place(try bound("stop") ?? length, 0...length))
      if step == 1 { return try x.slice(axis: axis, start..<stop) }
      return try arranged(x, axis, Array(stride(from: start, to: stop, by: step)))
    }
    let start = try bound("start").map { place($0, -1...length - 1) } ?? length - 1
    let stop = try bound("stop").map { place($0, -1...length - 1) } ?? -1
    return try arranged(x, axis, Array(stride(from: start, to: stop, by: step)))
  }

  private static func element(_ place: Int, _ x: Value, _ axis: Int) throws -> Value {
    var extents = x.shape.dimensions
    extents.remove(at: axis)
    return try x.slice(axis: axis, place..<place + 1).reshaped(Shape(extents))
  }

  /// These positions of an axis, each as often as it is named.
  private static func arranged(_ x: Value, _ axis: Int, _ positions: [Int]) throws -> Value {
    try x.resampled(
      axis: axis, Taps(length: x.shape[axis], sums: positions.map { [.init($0, 1)] }))
  }

  /// The shape that a list means in which one number may be left to the others.
  private static func shape(_ numbers: [Int], of x: Value) throws -> Shape {
    let known = numbers.filter { $0 != -1 }
    var product = 1
    for number in known {
      let (next, overflow) = product.multipliedReportingOverflow(by: number)
      guard number >= 0, !overflow else { throw wrong("shape", "whole numbers") }
      product = next
    }
    let isOpen = known.count == numbers.count - 1
    let rest = product == 0 ? 0 : x.shape.count / product
    guard isOpen || known.count == numbers.count, product * (isOpen ? rest : 1) == x.shape.count
    else { throw wrong("shape", "as many elements as \(x.shape.count)") }
    return Shape(numbers.map { $0 == -1 ? rest : $0 })
  }

  private static func wrong(_ key: String, _ expected: String) -> ModelGraphError {
    ModelGraphError(.wrongValue(expected: expected, found: "something else"), at: .init(key: key))
  }
}
