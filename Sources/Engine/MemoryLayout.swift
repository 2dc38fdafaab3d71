/// Gives each value of a program its place, so that values that never live at once share memory.
import Kernels
import Tensors

/// The state of one assignment. Values are placed in the order in which they are made, each in the
/// first gap that is free while it lives; views share the memory of what they view, and ops that
/// can work in place do so where their input ends there.
struct MemoryLayout {
  private let program: Program
  private(set) var places: [Plan.Place?]
  private(set) var copies: [Program.Update] = []
  private(set) var memoryCount = 0

  /// The index of the last instruction that reads a value's memory, through views as well.
  private var lastUse: [Int]
  /// The value whose memory a value is; itself unless it is a view or was made in place.
  private var owner: [Int]
  /// Whose memory is that of each value, which is among them.
  private var members: [[Int]]
  /// Taken runs of memory, in the order of their offsets.
  private var taken: [(range: Range<Int>, owner: Int)] = []

  /// After every instruction: for what is read when the run is over.
  private static let afterRun = Int.max

  init(_ program: Program) {
    self.program = program
    places = .init(repeating: nil, count: program.types.count)
    owner = Array(program.types.indices)
    members = owner.map { [$0] }
    lastUse = .init(repeating: -1, count: program.types.count)
    for instruction in program.instructions where instruction.op.isView {
      move(instruction.outputs[0], to: owner[instruction.inputs[0]])
    }
    for (index, instruction) in program.instructions.enumerated() {
      for input in instruction.inputs { extend(input, to: index) }
    }
    for port in program.outputs { extend(port.value, to: Self.afterRun) }
    for update in program.updates { extend(update.value, to: Self.afterRun) }
  }

  /// Says that what has the memory of `value` has that of `root` from here on.
  private mutating func move(_ value: Int, to root: Int) {
    for member in members[value] { owner[member] = root }
    members[root] += members[value]
    members[value] = []
  }

  private mutating func extend(_ value: Int, to index: Int) {
    lastUse[owner[value]] = max(lastUse[owner[value]], index)
  }

  mutating func assign() {
    for (index, port) in program.states.enumerated() { places[port.value] = .state(index) }
    // Inputs keep their memory for the whole run, so that a run can be repeated on them.
    for port in program.inputs {
      lastUse[port.value] = Self.afterRun
      allocate(port.value)
    }
    let fixed = program.fixedValues
    for (index, instruction) in program.instructions.enumerated() {
      taken.removeAll { lastUse[$0.owner] < index }
      if instruction.op.isView {
        places[instruction.outputs[0]] = places[instruction.inputs[0]]
      } else if instruction.outputs.allSatisfy({ fixed[$0] }) {
        for output in instruction.outputs { places[output] = .prepared(output) }
      } else {
        place(instruction, at: index)
      }
    }
    copies = program.updates.filter { places[$0.value] != places[$0.state] }
  }

  private mutating func place(_ instruction: Program.Instruction, at index: Int) {
    for (position, output) in instruction.outputs.enumerated() {
      let pairs = instruction.op.inPlace.filter { $0.output == position }
      var isShared = false
      for pair in pairs where !isShared {
        isShared = share(instruction.inputs[pair.input], with: output, in: instruction, at: index)
      }
      if !isShared { allocate(output) }
    }
  }

  /// Lets `output` take over the memory of `input`, where nothing needs the old contents any more.
  private mutating func share(
    _ input: Int, with output: Int, in instruction: Program.Instruction, at index: Int
  ) -> Bool {
    let root = owner[input]
    guard program.types[input].shape.count == program.types[output].shape.count,
      instruction.inputs.count(where: { owner[$0] == root }) == 1
    else { return false }
    switch places[root] {
    case .state:
      // Only for the state's own new contents, and only if nobody reads the old ones later.
      let isUpdate = program.updates.contains { $0.state == root && $0.value == output }
      guard isUpdate, lastUse[root] <= index else { return false }
      places[output] = places[root]
    case .memory:
      guard lastUse[root] == index, places[input] != nil else { return false }
      places[output] = places[root]
      // The run of memory now lives as long as the output, which owns it from here on.
      let end = lastUse[owner[output]]
      move(output, to: root)
      lastUse[root] = end
    case .prepared, nil:
      return false
    }
    return true
  }

  private mutating func allocate(_ value: Int) {
    let unit = Memory.alignment / 4
    let count = (max(program.types[value].shape.count, 1) + unit - 1) / unit * unit
    var offset = 0
    var slot = 0
    while slot < taken.count, taken[slot].range.lowerBound - offset < count {
      offset = taken[slot].range.upperBound
      slot += 1
    }
    taken.insert((offset..<offset + count, value), at: slot)
    places[value] = .memory(offset)
    memoryCount = max(memoryCount, offset + count)
  }
}
