import Tensors

/// A reader of the one pickle that numpy stores behind an object array of lists of integers.
///
/// It is a machine with the stack and memo of Python's own, but with a closed set of values
/// (`PickleValue`), of opcodes (`PickleOpcode`) and of callables (`PickleGlobal`): there is nothing
/// in it that could import, construct or call anything else, and no way back to a general reader.
/// Whatever differs from what numpy writes is refused, with the byte where it stands. Time and
/// memory are linear in the size of the file: nothing recurs, and every table has a limit.
struct PickleReader {
  let bytes: [UInt8]
  /// The shape that the `.npy` header declares.
  let shape: Shape
  let start: Int
  private let location: DatasetsError.Location

  /// Where the opcode that is being carried out stands.
  var opcodeOffset: Int
  var opcode = PickleOpcode.proto
  var position: Int

  var stack: [PickleValue] = []
  var marks: [Int] = []
  var memo: [PickleValue] = []
  var texts: [String] = []
  var byteStrings: [[UInt8]] = []
  var tuples: [[PickleValue]] = []
  var lists = PickleLists()
  var state = ArrayState.absent

  enum ArrayState: Equatable {
    case absent
    case reconstructed
    case built(shape: [Int], items: UInt32)
  }

  /// Picklers write lists in batches of 1,000 items.
  static let stackLimit = 1 << 20
  static let markLimit = 16
  /// Texts, byte strings and tuples; numpy needs about a dozen in all.
  static let objectLimit = 64
  static let tupleLimit = 16
  static let textLimit = 256

  init(bytes: [UInt8], start: Int, shape: Shape, location: DatasetsError.Location) {
    self.bytes = bytes
    self.start = start
    self.shape = shape
    self.location = location
    opcodeOffset = start
    position = start
  }

  /// Reads the pickle.
  consuming func array() throws -> NumpyArray {
    // Lists are numbered and placed by 32 bits.
    guard bytes.count - start <= Int(UInt32.max) else {
      throw fault(.limit(of: "bytes", Int(UInt32.max)))
    }
    try readProtocol()
    repeat { try step() } while opcode != .stop
    return try result()
  }

  private mutating func readProtocol() throws {
    guard position < bytes.count else { throw fault(.truncated) }
    guard bytes[position] == PickleOpcode.proto.rawValue else {
      throw fault(.protocolUnsupported(found: 0))
    }
    position += 1
    let version = try byte()
    guard (2...5).contains(version) else {
      throw fault(.protocolUnsupported(found: Int(version)))
    }
  }

  private mutating func step() throws {
    opcodeOffset = position
    let code = try byte()
    guard let opcode = PickleOpcode(rawValue: code), opcode != .proto else {
      throw fault(.opcode(name: PickleOpcode.name(of: code)))
    }
    self.opcode = opcode
    switch opcode {
    case .proto, .stop: break
    case .frame: try checkFrame()
    case .mark: try pushMark()
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try push(.int(Int32(truncatingIfNeeded: try unsigned(4))))
    case .binInt1: try push(.int(Int32(try unsigned(1))))
    case .binInt2: try push(.int(Int32(try unsigned(2))))
    case .long1: try push(.int(try long()))
    case .binUnicode: try pushText(length: try unsigned(4))
    case .shortBinUnicode: try pushText(length: try unsigned(1))
    case .shortBinString: try pushLatin1(length: try unsigned(1))
    case .shortBinBytes: try pushBytes(length: try unsigned(1))
    case .emptyList: try push(.list(lists.begin()))
    case .append: try append(from: stack.count - 1)
    case .appends: try append(from: try popMark())
    case .emptyTuple: try pushTuple(from: stack.count)
    case .tuple: try pushTuple(from: try popMark())
    case .tuple1: try pushTuple(from: stack.count - 1)
    case .tuple2: try pushTuple(from: stack.count - 2)
    case .tuple3: try pushTuple(from: stack.count - 3)
    case .global: try pushGlobal(module: try line(), name: try line())
    case .stackGlobal: try stackGlobal()
    case .reduce: try reduce()
    case .build: try build()
    case .binPut: try store(at: try unsigned(1))
    case .longBinPut: try store(at: try unsigned(4))
    case .memoize: try store(at: UInt64(memo.count))
    case .binGet: try recall(try unsigned(1))
    case .longBinGet: try recall(try unsigned(4))
    }
  }

  func fault(_ fault: DatasetsError.PickleFault) -> DatasetsError {
    DatasetsError(.pickle(fault), at: location.at(opcodeOffset))
  }

  func unexpected(_ expected: String, found: PickleValue?) -> DatasetsError {
    fault(
      .unexpected(opcode: opcode.name, expected: expected, found: found?.name ?? "nothing"))
  }
}
