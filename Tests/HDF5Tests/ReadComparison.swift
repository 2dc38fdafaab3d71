/// Holds a whole file as `HDF5` reads it against what h5py reads.
import Foundation
import HDF5
import Tensors
import Testing

struct Comparison {
  let expected: Expected
  let bytes: Data

  /// The differences, one sentence each.
  func differences() throws -> [String] {
    let file = try File(path: expected.file)
    let found = try Walk(file).nodes
    var result: [String] = []
    let paths = expected.objects.map(\.path)
    if found.map(\.path) != paths { result.append("objects \(found.map(\.path)), not \(paths)") }
    for (node, object) in zip(found, expected.objects) {
      do {
        result += try differences(node, object).map { "\(object.path): \($0)" }
      } catch {
        result.append("\(object.path): \(error)")
      }
    }
    return result
  }

  private func differences(_ node: Node, _ object: Expected.Object) throws -> [String] {
    var result: [String] = []
    switch node {
    case .group(let group):
      if object.kind != "group" { result.append("a group, not a \(object.kind)") }
      let links = try group.children().map(\.comparable)
      if links != object.links { result.append("links \(links), not \(object.links ?? [])") }
      result += differences(try group.attributes(), object.attributes)
    case .dataset(let dataset):
      if object.kind != "dataset" { result.append("a dataset, not a \(object.kind)") }
      result += try differences(dataset, object)
      result += differences(try dataset.attributes(), object.attributes)
    case .datatype:
      if object.kind != "datatype" { result.append("a datatype, not a \(object.kind)") }
    }
    return result
  }

  private func differences(_ dataset: Dataset, _ object: Expected.Object) throws -> [String] {
    guard let value = object.value else { return ["no value expected"] }
    var result: [String] = []
    if dataset.shape?.dimensions != value.shape && value.kind != "unsupported" {
      result.append("shape \(dataset.shape?.description ?? "null"), not \(value.shape ?? [])")
    }
    let layout =
      switch dataset.layout {
      case .chunked(let extents, _): extents == object.chunks ? "chunked" : "chunked \(extents)"
      case .unreadable: object.layout ?? ""
      case let other: other.description
      }
    if layout != object.layout { result.append("layout \(layout), not \(object.layout ?? "")") }
    if let stored = object.stored, value.kind != "unsupported",
      try dataset.storedByteCount != stored
    {
      result.append("\(try dataset.storedByteCount) bytes stored, not \(stored)")
    }
    switch value.kind {
    case "empty":
      if dataset.shape != nil { result.append("not empty") }
    case "string":
      result += try differences(dataset.strings(), value)
    case "opaque":
      if try Data(dataset.opaqueBytes()) != slice(value) { result.append("other opaque bytes") }
    case "number":
      result += try differences(dataset.tensor(), value)
      if try dataset.withContiguousBytes({ $0.byteCount }) ?? slice(value).count
        != slice(value).count
      {
        result.append("the contiguous bytes are not as many as the elements")
      }
    default:
      do {
        _ = try dataset.tensor()
        result.append("read, though unsupported")
      } catch let error as HDF5Error {
        if case .unsupported = error.kind {} else { result.append("\(error)") }
      }
    }
    return result
  }

  private func differences(_ found: [Attribute], _ expected: [Expected.Attribute]) -> [String] {
    if found.map(\.name) != expected.map(\.name) {
      return ["attributes \(found.map(\.name)), not \(expected.map(\.name))"]
    }
    var result: [String] = []
    for (attribute, row) in zip(found, expected) {
      do {
        let value = try attribute.value()
        if attribute.shape?.dimensions != row.value.shape {
          result.append("shape of \(row.name)")
        }
        switch (value, row.value.kind) {
        case (.empty, "empty"): break
        case (.string(let text), "string"):
          if row.value.strings != [text] { result.append("text of \(row.name): \(text)") }
        case (.strings(let texts), "string"):
          result += differences(texts, row.value).map { "\(row.name): \($0)" }
        case (.tensor(let tensor), "number"):
          result += differences(tensor, row.value).map { "\(row.name): \($0)" }
        case (.opaque(let bytes), "opaque"):
          if Data(bytes) != slice(row.value) { result.append("opaque bytes of \(row.name)") }
        default: result.append("\(row.name) is \(value), not \(row.value.kind)")
        }
      } catch let error as HDF5Error {
        if case .unsupported = error.kind, row.value.kind == "unsupported" { continue }
        result.append("\(error)")
      } catch {
        result.append("\(error)")
      }
    }
    return result
  }

  private func differences(_ found: [String], _ value: Expected.Value) -> [String] {
    let expected = value.strings ?? []
    if found.count != expected.count { return ["\(found.count) strings, not \(expected.count)"] }
    guard let index = found.indices.first(where: { found[$0] != expected[$0] }) else { return [] }
    return [
      "string \(index) is \(found[index].debugDescription), not \(expected[index].debugDescription)"
    ]
  }

  private func differences(_ found: Tensor, _ value: Expected.Value) -> [String] {
    if found.dtype.rawValue != value.dtype {
      return ["\(found.dtype), not \(value.dtype ?? "none")"]
    }
    let bytes = found.scalars.littleEndianBytes
    let expected = slice(value)
    guard Data(bytes) != expected else { return [] }
    let first = zip(bytes, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? -1
    return ["\(bytes.count) bytes differ from \(expected.count), first at \(first)"]
  }

  private func slice(_ value: Expected.Value) -> Data {
    guard let offset = value.offset, let count = value.count else { return Data() }
    return bytes.subdata(in: offset..<offset + count)
  }
}

/// All objects of a file, each once, in the order of h5py's names.
struct Walk {
  var nodes: [Node] = []

  init(_ file: File) throws {
    var pending: [Node] = [.group(try file.root)]
    var seen: Set<Int> = []
    while let node = pending.popLast() {
      guard seen.insert(node.address).inserted else { continue }
      nodes.append(node)
      guard case .group(let group) = node else { continue }
      let links = try group.children().filter { $0.kind == .hard }
      for link in links.reversed() { pending.append(try link.node()) }
    }
  }
}

extension Link {
  fileprivate var comparable: Expected.Link {
    switch kind {
    case .hard: .init(name: name, kind: "hard")
    case .soft(let target): .init(name: name, kind: "soft", target: target)
    case .external(let file, let path):
      .init(name: name, kind: "external", target: path, file: file)
    case .userDefined: .init(name: name, kind: "user-defined")
    }
  }
}

extension Scalars {
  /// The elements as numpy's `tobytes` gives them on a little-endian machine.
  var littleEndianBytes: [UInt8] {
    func bytes<T: FixedWidthInteger>(_ values: [T]) -> [UInt8] {
      // SAFETY: the bytes of integers are copied before the closure returns.
      unsafe values.map(\.littleEndian).withUnsafeBytes { unsafe [UInt8]($0) }
    }
    return switch self {
    case .bool(let v): v.map { $0 ? 1 : 0 }
    case .int8(let v): bytes(v)
    case .int16(let v): bytes(v)
    case .int32(let v): bytes(v)
    case .int64(let v): bytes(v)
    case .uint8(let v): v
    case .uint16(let v): bytes(v)
    case .uint32(let v): bytes(v)
    case .uint64(let v): bytes(v)
    case .float16(let v): bytes(v)
    case .bfloat16(let v): bytes(v)
    case .float32(let v): bytes(v.map(\.bitPattern))
    case .float64(let v): bytes(v.map(\.bitPattern))
    }
  }
}
