import Foundation
import HDF5
import Tensors
import Testing

/// One test for each thing that can be wrong with a tree, and that the old file survives it.
@Suite struct WritingErrorTests {
  /// Writes over an old file, expects the error, and the old file.
  private func expect(
    _ kind: WritingError.Kind, at object: String, writing group: GroupContent,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "old.h5")
      try Data("old".utf8).write(to: file)
      let error = #expect(throws: WritingError.self, sourceLocation: sourceLocation) {
        try group.write(to: file.path)
      }
      #expect(error?.kind == kind, sourceLocation: sourceLocation)
      #expect(error?.object == object, sourceLocation: sourceLocation)
      #expect(error?.file == file.path, sourceLocation: sourceLocation)
      #expect(try Data(contentsOf: file) == Data("old".utf8), sourceLocation: sourceLocation)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names == ["old.h5"], sourceLocation: sourceLocation)
    }
  }

  private let scalar = DatasetContent(Tensor([], [1] as [Float]))

  private func group(_ value: AttributeContentValue) -> GroupContent {
    GroupContent(attributes: [AttributeContent("a", value)])
  }

  @Test(arguments: ["", ".", "a/b", "a\0b"])
  func `a name that HDF5 cannot hold is refused`(name: String) throws {
    let inner = GroupContent(children: [(name, .dataset(scalar))])
    try expect(
      .invalidName(name), at: "g/\(name)", writing: GroupContent(children: [("g", .group(inner))]))
  }

  @Test(arguments: ["", "a\0b"])
  func `an attribute's name that HDF5 cannot hold is refused`(name: String) throws {
    let group = GroupContent(attributes: [AttributeContent(name, .emptyFloat64)])
    try expect(.invalidName(name), at: "", writing: group)
  }

  @Test func `two children of one name are refused`() throws {
    let group = GroupContent(children: [("d", .dataset(scalar)), ("d", .group(GroupContent()))])
    try expect(.nameTaken, at: "d", writing: group)
  }

  @Test func `two attributes of one name are refused`() throws {
    var group = group(.emptyFloat64)
    group.set("a", .fixedString("again"))
    try expect(.nameTaken, at: "@a", writing: group)
  }

  @Test func `a dataset cannot be inserted twice, nor under a dataset`() throws {
    var group = GroupContent()
    try group.insert(scalar, at: "dense/kernel")
    let twice = #expect(throws: WritingError.self) { try group.insert(scalar, at: "dense/kernel") }
    #expect(twice?.kind == .nameTaken)
    let under = #expect(throws: WritingError.self) {
      try group.insert(scalar, at: "dense/kernel/0")
    }
    #expect(under?.kind == .notAGroup("kernel"))
    let nameless = #expect(throws: WritingError.self) { try group.insert(scalar, at: "//") }
    #expect(nameless?.kind == .invalidName("//"))
    // The failed insertions have not harmed the tree.
    guard case .group(let dense)? = group.child("dense") else {
      Issue.record("the group is gone")
      return
    }
    #expect(dense.children.map(\.name) == ["kernel"])
  }

  @Test func `a path of thousands of slashes is refused`() throws {
    var group = GroupContent()
    let path = Array(repeating: "a", count: 20_000).joined(separator: "/")
    let error = #expect(throws: WritingError.self) { try group.insert(scalar, at: path) }
    #expect(error?.kind == .tooDeep(limit: 128))
    #expect(group.children.isEmpty)
  }

  @Test func `a tree deeper than the limit is refused`() throws {
    var group = GroupContent()
    for _ in 0..<129 { group = GroupContent(children: [("a", .group(group))]) }
    let path = Array(repeating: "a", count: 129).joined(separator: "/")
    try expect(.tooDeep(limit: 128), at: path, writing: group)
  }

  @Test func `an attribute beyond 64 KB is refused, and Keras's largest chunk is not`() throws {
    let long = String(repeating: "x", count: 70_000)
    try expect(
      .attributeTooLarge(name: "a", bytes: 70_000, limit: 65536), at: "/",
      writing: group(.fixedString(long)))
    // So close to the limit that only name, type and shape carry it over.
    try expect(
      .attributeTooLarge(name: "a", bytes: 65531, limit: 65536), at: "/",
      writing: group(.strings([String(long.prefix(65530))], .fixed())))
    let names = (0..<5000).map { "layer_\($0)" }
    try expect(
      .attributeTooLarge(name: "a", bytes: 80_000, limit: 65536), at: "/",
      writing: group(.strings(names, .variable(.ascii))))
    try withTemporaryFolder { folder in
      try group(.strings([String(long.prefix(64512))], .fixed()))
        .write(to: folder.appending(path: "a.h5").path)
    }
  }

  @Test func `a variable-length string may be of any size`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.h5")
      try group(.string(String(repeating: "{}", count: 1 << 20), encoding: .ascii))
        .write(to: file.path)
      #expect(try Data(contentsOf: file).count > 2 << 20)
    }
  }

  @Test func `a string with NUL in variable-length storage is refused`() throws {
    try expect(
      .stringContainsNUL(attribute: "a"), at: "/", writing: group(.string("a\0b", encoding: .utf8)))
  }

  @Test func `a string longer than its fixed length is refused`() throws {
    try expect(
      .stringTooLong(attribute: "a", bytes: 4, length: 3), at: "/",
      writing: group(.strings(["ab", "abcd"], .fixed(length: 3))))
  }

  @Test func `types of no bytes are refused`() throws {
    try expect(.noLength(attribute: "a"), at: "/", writing: group(.opaque([])))
    try expect(.noLength(attribute: "a"), at: "/", writing: group(.strings([], .fixed(length: 0))))
  }

  @Test func `what libhdf5 refuses comes with its error stack`() throws {
    let axes = Shape(Array(repeating: 1, count: 33))
    let group = GroupContent(children: [
      ("d", .dataset(DatasetContent(Tensor(axes, [1] as [Float]))))
    ])
    let error = #expect(throws: WritingError.self) { try group.write(to: "/dev/null/never") }
    guard case .library(let operation, let stack)? = error?.kind else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(operation == "creating a dataspace")
    #expect(!stack.isEmpty)
    #expect(error?.object == "d")
  }

  @Test func `an error of the disk names file and reason`() throws {
    let error = #expect(throws: WritingError.self) {
      try GroupContent().write(to: "/nowhere/at/all/model.h5")
    }
    #expect(
      error?.description
        == "/nowhere/at/all/model.h5: the directory /nowhere/at/all/ does not exist; "
        + "create it first.")
  }

  @Test func `sentences say where, what and what to do`() throws {
    let error = #expect(throws: WritingError.self) {
      try group(.string("a\0b", encoding: .utf8)).write(to: "/nowhere/model.h5")
    }
    #expect(
      error?.description
        == "/nowhere/model.h5, at /: a string of the attribute \"a\" contains the character NUL, "
        + "which ends an HDF5 string; remove it.")
  }

  @Test func `threads that write at once each get their own whole file`() async throws {
    try await withThrowingTaskGroup(of: Data.self) { tasks in
      for number in 0..<8 {
        tasks.addTask {
          try withTemporaryFolder { folder in
            let file = folder.appending(path: "a.h5")
            var group = GroupContent()
            group.set("number", .tensor(Tensor([], [Int32(number % 2)])))
            for index in 0..<50 {
              try group.insert(scalar, at: "layer_\(index)/kernel")
            }
            try group.write(to: file.path)
            return try Data(contentsOf: file)
          }
        }
      }
      let files = try await tasks.reduce(into: [Data]()) { $0.append($1) }
      #expect(files.count == 8)
      #expect(Set(files).count == 2)
    }
  }
}
