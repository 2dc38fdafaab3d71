/// The stack, the memo and the tables.
extension PickleReader {
  mutating func push(_ value: PickleValue) throws {
    guard stack.count < Self.stackLimit else {
      throw fault(.limit(of: "values on its stack", Self.stackLimit))
    }
    stack.append(value)
  }

  mutating func pop(_ expected: String) throws -> PickleValue {
    guard stack.count > floor, let value = stack.popLast() else {
      throw unexpected(expected, found: nil)
    }
    return value
  }

  /// The lowest place above the last mark; what is below belongs to who set the mark.
  private var floor: Int { marks.last ?? 0 }

  mutating func pushMark() throws {
    guard marks.count < Self.markLimit else {
      throw fault(.limit(of: "open marks", Self.markLimit))
    }
    marks.append(stack.count)
  }

  /// The place of the first value above the last mark.
  mutating func popMark() throws -> Int {
    guard let place = marks.popLast() else { throw unexpected("a mark", found: nil) }
    return place
  }

  /// Moves the values from `place` on into the list below them.
  mutating func append(from place: Int) throws {
    guard place > floor, place <= stack.count, case .list(let list) = stack[place - 1] else {
      throw unexpected(
        "a list", found: place > floor && place <= stack.count ? stack[place - 1] : nil)
    }
    for value in stack[place...] {
      if let problem = lists.append(value, to: list) { throw fault(problem) }
    }
    stack.removeSubrange(place...)
  }

  // MARK: Memo

  /// Picklers number what they remember in order; Python 2's C pickler begins at 1.
  mutating func store(at index: UInt64) throws {
    guard let value = stack.last, stack.count > floor else {
      throw unexpected("a value", found: nil)
    }
    if memo.isEmpty, index == 1 { memo.append(.none) }
    guard index == UInt64(memo.count) else {
      throw fault(.memoOrder(found: Int(index), next: memo.count))
    }
    // Each list once, and the few values around them.
    guard memo.count < lists.count + 4 * Self.objectLimit else {
      throw fault(.limit(of: "memos", memo.count))
    }
    memo.append(value)
  }

  mutating func recall(_ index: UInt64) throws {
    guard index < UInt64(memo.count) else { throw fault(.unknownMemo(Int(index))) }
    try push(memo[Int(index)])
  }

  // MARK: Tables

  private func checkObjects() throws {
    guard texts.count + byteStrings.count + tuples.count < Self.objectLimit else {
      throw fault(.limit(of: "texts and tuples", Self.objectLimit))
    }
  }

  mutating func pushText(length: UInt64) throws {
    try pushText(try text(try slice(length: length)))
  }

  /// A Python 2 string.
  mutating func pushLatin1(length: UInt64) throws {
    let scalars = try slice(length: length).map { Character(Unicode.Scalar($0)) }
    try pushText(String(scalars))
  }

  private mutating func pushText(_ text: String) throws {
    try checkObjects()
    texts.append(text)
    try push(.text(UInt32(texts.count - 1)))
  }

  mutating func pushBytes(length: UInt64) throws {
    try pushBytes([UInt8](try slice(length: length)))
  }

  mutating func pushBytes(_ bytes: [UInt8]) throws {
    try checkObjects()
    byteStrings.append(bytes)
    try push(.bytes(UInt32(byteStrings.count - 1)))
  }

  mutating func pushTuple(from place: Int) throws {
    guard place >= floor, place <= stack.count else { throw unexpected("more values", found: nil) }
    guard stack.count - place <= Self.tupleLimit else {
      throw fault(.limit(of: "items in a tuple", Self.tupleLimit))
    }
    try checkObjects()
    tuples.append([PickleValue](stack[place...]))
    stack.removeSubrange(place...)
    try push(.tuple(UInt32(tuples.count - 1)))
  }

  func tupleItems(_ value: PickleValue) -> [PickleValue]? {
    guard case .tuple(let number) = value else { return nil }
    return tuples[Int(number)]
  }

  func textValue(_ value: PickleValue) -> String? {
    guard case .text(let number) = value else { return nil }
    return texts[Int(number)]
  }
}
