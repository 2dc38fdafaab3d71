import Datasets
import Testing

struct HostilePickleTests {
  private static let valid = Pickle.array(
    shape: [2], items: Pickle.list(of: [Pickle.list([1, 2, 3]), Pickle.list([4])]))

  @Test func `the array that the others are broken from is read`() throws {
    #expect(try read(Self.valid) == .ragged(RaggedArray([[1, 2, 3], [4]])))
  }

  @Test func `each opcode that arrays of lists do not need is refused by its name`() {
    // As pickletools lists them.
    let known: Set<UInt8> = [
      0x80, 0x95, 0x2E, 0x28, 0x4E, 0x88, 0x89, 0x4A, 0x4B, 0x4D, 0x8A, 0x58, 0x8C, 0x55, 0x43,
      0x5D, 0x61, 0x65, 0x29, 0x74, 0x85, 0x86, 0x87, 0x63, 0x93, 0x52, 0x62, 0x71, 0x72, 0x94,
      0x68, 0x6A,
    ]
    var names: Set<String> = []
    for code in UInt8.min...UInt8.max where !known.contains(code) {
      do {
        let result = try read([0x80, 2, code] + [UInt8](repeating: 0x4E, count: 12) + [0x2E])
        Issue.record("opcode \(code) accepted: \(result)")
      } catch let error as DatasetsError {
        guard case .pickle(.opcode(let name)) = error.kind else {
          Issue.record("opcode \(code): \(error)")
          continue
        }
        #expect(error.location.offset == Pickle.header(rows: 2).count + 2)
        names.insert(name)
      } catch { Issue.record("\(error)") }
    }
    #expect(names.count == 256 - known.count)
    #expect(
      names.isSuperset(of: [
        "NEWOBJ", "NEWOBJ_EX", "INST", "OBJ", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID",
        "EMPTY_DICT", "POP", "DUP", "BYTEARRAY8", "NEXT_BUFFER",
      ]))
  }

  @Test(
    arguments: [
      ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "getattr"),
      ("subprocess", "Popen"), ("numpy", "load"), ("numpy", "ndarray.tofile"),
      ("numpy.core.multiarray", "scalar"), ("numpy._core.numeric", "_frombuffer"),
      ("numpy", "memmap"), ("_codecs", "decode"), ("", ""), ("numpy.", "ndarray"),
      ("NUMPY", "ndarray"), ("numpy", "ndarray\0"),
    ])
  func `other names are refused, in either spelling`(module: String, name: String) {
    let call = Pickle.text("id") + [0x85, 0x52, 0x2E]
    expectFault(
      .global(name: "\(module).\(name)"), Pickle.start + Pickle.global(module, name) + call)
    expectFault(
      .global(name: "\(module).\(name)"), [0x80, 2] + ascii("c\(module)\n\(name)\n") + call)
  }

  @Test func `a system call is refused in one sentence that says where`() {
    let pickle =
      Pickle.start + Pickle.global("os", "system") + Pickle.text("id") + [0x85, 0x52, 0x2E]
    expectRefusal(
      is: "x.npz, entry x.npy, byte 79: the pickled object array is refused: it asks for "
        + "os.system, and only numpy's own array constructors are known; do not trust this file"
    ) {
      try NumpyArray(
        npy: Pickle.header(rows: 1) + pickle, at: .init(file: "x.npz", entry: "x.npy"))
    }
  }

  @Test func `a pickle cut at any length is refused`() {
    for length in Self.valid.indices {
      #expect(throws: DatasetsError.self) { try read([UInt8](Self.valid[..<length])) }
    }
  }

  @Test func `no changed byte ends the process, and no change is taken for the same array`() {
    var accepted = 0
    for place in Self.valid.indices {
      for value in UInt8.min...UInt8.max where value != Self.valid[place] {
        var pickle = Self.valid
        pickle[place] = value
        if (try? read(pickle)) != nil { accepted += 1 }
      }
    }
    // Tokens, flags and the sizes within the type's state may be others; nothing else may.
    #expect(accepted < 9_000, "\(accepted) of \(Self.valid.count * 255)")
  }

  /// What is refused, by a name: the bytes themselves are too many to print.
  private static let refused: [(name: String, pickle: [UInt8], fault: DatasetsError.PickleFault)] =
    [
      ("protocol 0", ascii("(lp0\n."), .protocolUnsupported(found: 0)),
      ("protocol 6", [0x80, 6, 0x2E], .protocolUnsupported(found: 6)),
      ("a second PROTO", [0x80, 2, 0x80, 2, 0x2E], .opcode(name: "PROTO")),
      ("nothing", [], .truncated),
      (
        "a frame beyond the end", [0x80, 4, 0x95] + [UInt8](repeating: 0xFF, count: 8),
        .frame(length: .max, remaining: 0)
      ),
      ("a memo that is none", [0x80, 2, 0x68, 3], .unknownMemo(3)),
      (
        "a memo far away", [0x80, 2, 0x4E, 0x72, 0xFF, 0xFF, 0xFF, 0xFF],
        .memoOrder(found: 0xFFFF_FFFF, next: 0)
      ),
      (
        "memos of nothing new", [0x80, 4, 0x4E] + [UInt8](repeating: 0x94, count: 300),
        .limit(of: "memos", 256)
      ),
      (
        "a wide integer", [0x80, 2, 0x8A, 9] + [UInt8](repeating: 1, count: 9),
        .integerTooWide(bytes: 9)
      ),
      ("an integer above", [0x80, 2, 0x8A, 5, 0, 0, 0, 0x80, 0], .integerOutOfRange(1 << 31)),
      (
        "an integer below", [0x80, 2, 0x8A, 5, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF],
        .integerOutOfRange(-(1 << 31) - 1)
      ),
      ("broken UTF-8", [0x80, 4, 0x8C, 1, 0xFF], .invalidText),
      ("a long text", [0x80, 2, 0x58, 0, 0, 0, 0x7F], .limit(of: "bytes in a text", 256)),
      (
        "a long name", [0x80, 2] + ascii("c") + [UInt8](repeating: 0x61, count: 300),
        .limit(of: "bytes in a name", 256)
      ),
      (
        "deep marks", [0x80, 2] + [UInt8](repeating: 0x28, count: 17), .limit(of: "open marks", 16)
      ),
      (
        "deep tuples", [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 64),
        .limit(of: "texts and tuples", 64)
      ),
      (
        "a wide tuple", [0x80, 2, 0x28] + [UInt8](repeating: 0x4E, count: 17) + ascii("t"),
        .limit(of: "items in a tuple", 16)
      ),
      (
        "a full stack", [0x80, 2] + [UInt8](repeating: 0x4E, count: 1 << 20 + 1),
        .limit(of: "values on its stack", 1 << 20)
      ),
      (
        "calling text", [0x80, 4] + Pickle.text("a") + [0x29, 0x52],
        .unexpected(opcode: "REDUCE", expected: "numpy's array constructors", found: "a text")
      ),
      (
        "calling ndarray", [0x80, 4] + Pickle.global("numpy", "ndarray") + [0x29, 0x52],
        .call(name: "numpy.ndarray", found: "()")
      ),
      (
        "reconstructing a size",
        [0x80, 4] + Pickle.global("numpy.core.multiarray", "_reconstruct")
          + Pickle.global("numpy", "ndarray") + Pickle.int(1 << 30)
          + [0x85, 0x43, 1, 0x62, 0x87, 0x52],
        .call(
          name: "numpy._core.multiarray._reconstruct", found: "(numpy.ndarray, a tuple, bytes)")
      ),
      (
        "another codec",
        [0x80, 4] + Pickle.global("_codecs", "encode") + Pickle.text("b") + Pickle.text("rot13")
          + [0x86, 0x52],
        .call(name: "_codecs.encode", found: "(a text, a text)")
      ),
      (
        "numbers for objects",
        [0x80, 4] + Pickle.global("numpy", "dtype") + Pickle.text("i8") + [0x89, 0x88, 0x87, 0x52],
        .elementType("i8")
      ),
      (
        "building text", [0x80, 4] + Pickle.text("a") + [0x29, 0x62],
        .unexpected(opcode: "BUILD", expected: "a numpy array or type", found: "a text")
      ),
      (
        "two arrays", Pickle.start + Pickle.reconstructed + Pickle.reconstructed,
        .rowItem(found: "another numpy array")
      ),
      (
        "a lone integer", Pickle.start + Pickle.int(1) + ascii("."),
        .unexpected(opcode: "STOP", expected: "one complete array", found: "the integer 1")
      ),
      (
        "an array without content", Pickle.start + Pickle.reconstructed + ascii("."),
        .unexpected(opcode: "STOP", expected: "one complete array", found: "a numpy array")
      ),
      ("bytes after the end", valid + [0x2E], .trailingBytes(1)),
      (
        "another shape", Pickle.array(shape: [3], items: Pickle.list([1, 2, 3])),
        .shape(declared: [2], found: [3])
      ),
      (
        "too few rows", Pickle.array(shape: [2], items: Pickle.list(of: [Pickle.list([1])])),
        .items(expected: [2], found: 1)
      ),
      (
        "a table in Fortran order",
        Pickle.array(shape: [1, 2], items: Pickle.list([1, 2]), fortran: true), .fortranOrder
      ),
      (
        "a row of texts", Pickle.array(shape: [1], items: Pickle.list(of: [Pickle.text("a")])),
        .rowItem(found: "a text")
      ),
      (
        "a row of booleans", Pickle.array(shape: [1], items: Pickle.list(of: [[0x88]])),
        .rowItem(found: "a boolean")
      ),
      (
        "integers beside lists",
        Pickle.array(shape: [2], items: Pickle.list(of: [Pickle.list([1]), Pickle.int(1)])),
        .rowItem(found: "integers beside lists")
      ),
      (
        "lists beside integers", [0x80, 4] + Pickle.list([1]) + Pickle.list([2]) + ascii("a"),
        .rowItem(found: "lists beside integers")
      ),
      (
        "lists in lists in lists",
        Pickle.array(
          shape: [2],
          items: Pickle.list(of: [Pickle.list([1]), Pickle.list(of: [Pickle.list([1])])])),
        .nestedLists
      ),
      (
        "a list within itself", [0x80, 4] + ascii("]") + [0x94, 0x68, 0] + ascii("a"), .nestedLists
      ),
      (
        "an earlier list that grows",
        [0x80, 4] + ascii("]") + [0x94] + ascii("]") + [0x68, 0] + ascii("K") + [1] + ascii("a"),
        .interleavedLists
      ),
      (
        "APPEND to a mark's other side", [0x80, 4] + ascii("](K") + [1] + ascii("a"),
        .unexpected(opcode: "APPEND", expected: "a list", found: "nothing")
      ),
      (
        "APPENDS without a mark", [0x80, 4] + ascii("]e"),
        .unexpected(opcode: "APPENDS", expected: "a mark", found: "nothing")
      ),
      (
        "TUPLE3 of two", [0x80, 4] + ascii("NN") + [0x87],
        .unexpected(opcode: "TUPLE3", expected: "more values", found: "nothing")
      ),
      (
        "names that are numbers", [0x80, 4] + ascii("K") + [1] + ascii("K") + [1, 0x93],
        .unexpected(
          opcode: "STACK_GLOBAL", expected: "the texts of a module and a name",
          found: "the integer 1")
      ),
    ]

  @Test(arguments: refused.map(\.name))
  func `what numpy would not write is refused`(name: String) throws {
    let (_, pickle, fault) = try #require(Self.refused.first { $0.name == name })
    expectFault(fault, pickle)
  }

  @Test func `rows that repeat by reference do not outgrow the file`() {
    // One row of 200,000 integers, 200,000 times: 40,000,000,000 tokens from less than 2 MB.
    let count = 200_000
    let row = Pickle.list([Int32](repeating: 1, count: count))
    var items = ascii("](") + row + [0x94]
    for _ in 1..<count { items += [0x68, 0] }
    items += ascii("e")
    let pickle = Pickle.array(shape: [Int32(count)], items: items)
    expectRefusal(containing: "rows that repeat by reference make 40000000000 tokens") {
      try NumpyArray(npy: Pickle.header(rows: count) + pickle, at: .init())
    }
  }

  @Test func `empty rows do not outgrow the file`() {
    let text = "{'descr': '|O', 'fortran_order': False, 'shape': (2000000000, 0)}"
    let header = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(text.utf8.count), 0] + text.utf8
    let pickle = Pickle.array(shape: [2_000_000_000, 0], items: ascii("]"))
    expectRefusal(containing: "rows") { try NumpyArray(npy: header + pickle, at: .init()) }
  }

  private static func array(_ pickle: [UInt8]) throws -> NumpyArray {
    try NumpyArray(npy: Pickle.header(rows: 2) + pickle, at: .init())
  }

  private func read(_ pickle: [UInt8]) throws -> NumpyArray { try Self.array(pickle) }

  private func expectFault(
    _ fault: DatasetsError.PickleFault, _ pickle: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do {
      let result = try read(pickle)
      Issue.record("accepted: \(result)", sourceLocation: sourceLocation)
    } catch let error as DatasetsError {
      #expect(error.kind == .pickle(fault), "\(error)", sourceLocation: sourceLocation)
    } catch {
      Issue.record("\(error)", sourceLocation: sourceLocation)
    }
  }
}
