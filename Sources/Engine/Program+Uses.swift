/// Who makes a value and who reads it: what passes ask of a program.
extension Program {
  /// The instruction that makes each value; nil for inputs and states.
  var producers: [Int?] {
    var producers = [Int?](repeating: nil, count: types.count)
    for (index, instruction) in instructions.enumerated() {
      for output in instruction.outputs { producers[output] = index }
    }
    return producers
  }

  /// Whether each instruction leads to an output or to an update.
  var isLive: [Bool] {
    var needed = Set(outputs.map(\.value)).union(updates.map(\.value))
    var live = [Bool](repeating: false, count: instructions.count)
    for (index, instruction) in instructions.enumerated().reversed()
    where instruction.outputs.contains(where: needed.contains) {
      needed.formUnion(instruction.inputs)
      live[index] = true
    }
    return live
  }

  /// How often each value is read by live instructions, as an output, as the update of a state.
  var useCounts: [Int] {
    var counts = [Int](repeating: 0, count: types.count)
    for (instruction, live) in zip(instructions, isLive) where live {
      for value in instruction.inputs { counts[value] += 1 }
    }
    for port in outputs { counts[port.value] += 1 }
    for update in updates { counts[update.value] += 1 }
    return counts
  }

  /// Adds a value that no instruction makes yet.
  mutating func addValue(_ type: TensorType) -> Int {
    types.append(type)
    return types.count - 1
  }
}
