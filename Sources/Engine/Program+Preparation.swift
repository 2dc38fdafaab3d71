/// What a program computes from variables alone, which need not be computed in each run.
extension Program {
  /// Whether each value depends on nothing but variables that no run changes. Where a program learns
  /// this holds of none: its variables change from run to run, and nothing is worth keeping.
  var fixedValues: [Bool] {
    var fixed = [Bool](repeating: false, count: types.count)
    guard updates.isEmpty else { return fixed }
    for port in states { fixed[port.value] = true }
    for instruction in instructions
    where !instruction.op.isRandom && instruction.inputs.allSatisfy({ fixed[$0] }) {
      for output in instruction.outputs { fixed[output] = true }
    }
    return fixed
  }

  /// What a fixed value is, in terms of variables: the same text in two programs means the same value.
  func definitions() -> [String?] {
    let fixed = fixedValues
    var definitions = [String?](repeating: nil, count: types.count)
    for port in states where fixed[port.value] {
      definitions[port.value] = "\(port.name) : \(types[port.value])"
    }
    for instruction in instructions {
      let operands = instruction.inputs.compactMap { definitions[$0] }
      for (place, output) in instruction.outputs.enumerated() where fixed[output] {
        // An op prints with all its properties.
        definitions[output] =
          "\(instruction.op)(\(operands.joined(separator: ", ")))[\(place)] : \(types[output])"
      }
    }
    return definitions
  }
}
