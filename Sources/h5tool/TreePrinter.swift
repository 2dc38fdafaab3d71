/// How an HDF5 tree is drawn as text.
import HDF5
import Tensors

/// Draws the objects of a file with lines between them, each object once: where a second link leads
/// to an object that was shown, the first place is named instead. A part that cannot be read is
/// shown with the reason, and the rest of the tree stands.
struct TreePrinter {
  private let write: (String) -> Void
  private var shown: [Int: String] = [:]
  /// What is still to be drawn, the next one last.
  private var pending: [Entry] = []

  private struct Entry {
    let link: Link
    /// The lines of the levels above.
    let indent: String
    let isLast: Bool
  }

  init(write: @escaping (String) -> Void) { self.write = write }

  mutating func show(_ file: File) throws {
    let root = try file.root
    write("\(file.path)  (HDF5, superblock version \(file.superblockVersion), \(file.size) bytes)")
    shown[root.address] = "/"
    open(root, indent: "")
    while let entry = pending.popLast() { show(entry) }
  }

  private mutating func show(_ entry: Entry) {
    let branch = entry.indent + (entry.isLast ? "└── " : "├── ")
    let indent = entry.indent + (entry.isLast ? "    " : "│   ")
    let name = branch + entry.link.name.shownOnOneLine
    switch entry.link.kind {
    case .soft(let target): write("\(name) -> \(target.shownOnOneLine)  (soft link, not followed)")
    case .external(let file, let path):
      write(
        "\(name) -> \(file.shownOnOneLine):\(path.shownOnOneLine)  (external link, not followed)")
    case .userDefined(let code): write("\(name)  (link of a kind of its own, \(code))")
    case .hard:
      do { try show(entry.link.node(), name: name, indent: indent) } catch {
        write("\(name)  (unreadable: \(error))")
      }
    }
  }

  private mutating func show(_ node: Node, name: String, indent: String) throws {
    if let first = shown[node.address] {
      write("\(name)  (the same object as \(first))")
      return
    }
    shown[node.address] = node.path
    switch node {
    case .group(let group):
      write(name + "/")
      open(group, indent: indent)
    case .dataset(let dataset):
      let shape = dataset.shape.map { "\($0)" } ?? "empty"
      write("\(name)  \(dataset.datatype) \(shape)  \(dataset.layout)")
      show({ try dataset.attributes() }, indent: indent, hasMore: false)
    case .datatype(let datatype):
      write("\(name)  type \((try? datatype.datatype().description) ?? "unreadable")")
    }
  }

  /// Shows the attributes of a group, and puts its links on the pile.
  private mutating func open(_ group: Group, indent: String) {
    var links: [Link] = []
    var problem: String?
    do { links = try group.children() } catch { problem = "\(error)" }
    show({ try group.attributes() }, indent: indent, hasMore: !links.isEmpty || problem != nil)
    if let problem { write(indent + "└── (unreadable: \(problem))") }
    for (index, link) in links.enumerated().reversed() {
      pending.append(Entry(link: link, indent: indent, isLast: index == links.count - 1))
    }
  }

  private func show(_ attributes: () throws -> [Attribute], indent: String, hasMore: Bool) {
    do {
      let attributes = try attributes()
      for (index, attribute) in attributes.enumerated() {
        let isLast = !hasMore && index == attributes.count - 1
        write("\(indent)\(isLast ? "└── " : "├── ")@\(attribute.line)")
      }
    } catch {
      write("\(indent)\(hasMore ? "├── " : "└── ")@ (unreadable: \(error))")
    }
  }
}

extension Attribute {
  /// Name, value and type on one line.
  fileprivate var line: String {
    let shape = shape.map { $0.rank == 0 ? "" : " \($0)" } ?? " empty"
    return "\(name.shownOnOneLine) = \(shownValue)  \(datatype)\(shape)"
  }

  private var shownValue: String {
    do {
      switch try value() {
      case .string(let text): return "\"\(text.shownOnOneLine)\"".cut(to: 72)
      case .strings(let texts):
        return ("[" + texts.prefix(24).map { "\"\($0.shownOnOneLine)\"" }.joined(separator: ", "))
          .cut(to: 72) + (texts.count > 24 ? ", …]" : "]")
      case .tensor(let tensor):
        let numbers = tensor.scalars.doubles.prefix(8).map { "\($0)" }.joined(separator: ", ")
        return tensor.shape.rank == 0 ? numbers : "[\(numbers)\(tensor.count > 8 ? ", …" : "")]"
      case .opaque(let bytes): return "\(bytes.count) bytes"
      case .empty: return "empty"
      }
    } catch {
      return "(unreadable: \(error))"
    }
  }
}

extension String {
  /// Without line breaks and other control characters, which a file's names may hold.
  var shownOnOneLine: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return self
    }
    return unicodeScalars.map {
      $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
    }.joined()
  }

  fileprivate func cut(to width: Int) -> String {
    count > width ? prefix(width - 1) + "…" : self
  }
}
