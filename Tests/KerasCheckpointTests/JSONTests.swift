import KerasCheckpoint
import Testing

@Suite struct JSONTests {
  @Test func `values of every kind read as Python reads them`() throws {
    let text = """
      {"a": [1, 1.0, -2.5e-3, 1E2, true, false, null], "b": {"c": "\\u00e9\\n\\ud83d\\ude00"}, "a": 1}
      """
    let value = try JSON(parsing: text)
    #expect(value["a"] == 1)
    #expect(value["b"]?["c"] == "é\n😀")
    let list = try JSON(parsing: "[1, 1.0, -2.5e-3, 1E2, true, false, null]")
    #expect(list == [1, 1.0, -0.0025, 100.0, true, false, nil])
  }

  @Test func `one and one point nought are different`() throws {
    #expect(try JSON(parsing: "1") == .int(1))
    #expect(try JSON(parsing: "1.0") == .number(1))
    #expect(JSON.number(1).text == "1.0")
    #expect(try JSON(parsing: "3.0").int == 3)
    #expect(try JSON(parsing: "3.5").int == nil)
  }

  @Test func `NaN and the infinities are numbers`() throws {
    let value = try JSON(parsing: "[NaN, Infinity, -Infinity]")
    #expect(value[0]?.double?.isNaN == true)
    #expect(value[1] == .number(.infinity))
    #expect(value[2] == .number(-.infinity))
    #expect(value.text == "[NaN, Infinity, -Infinity]")
  }

  @Test func `text is written as Python's json writes it`() {
    let value: JSON = ["b": [1, 2.5, nil], "a": "ü\"\\\u{1}😀", "c": [:], "d": []]
    #expect(
      value.text
        == #"{"a": "\u00fc\"\\\u0001\ud83d\ude00", "b": [1, 2.5, null], "c": {}, "d": []}"#)
  }

  @Test func `the arguments of a call stand in the order of the call`() {
    let value: JSON = ["use_causal_mask": true, "key": ["k", 0, 0], "value": ["v", 0, 0]]
    #expect(
      value.text == #"{"use_causal_mask": true, "value": ["v", 0, 0], "key": ["k", 0, 0]}"#)
  }

  @Test(arguments: [
    1e-7, 0.0010000000474974513, 1e22, Double.leastNonzeroMagnitude, -0.0, 1.7976931348623157e308,
  ])
  func `numbers survive writing and reading`(number: Double) throws {
    let back = try JSON(parsing: JSON.number(number).text).double
    #expect(back?.bitPattern == number.bitPattern)
  }

  @Test(arguments: [
    ("", 0), ("{", 1), ("[1,]", 3), ("{\"a\" 1}", 5), ("[1 2]", 3), ("\"abc", 4), ("tru", 0),
    ("01", 0), ("1.", 2), ("1 x", 2), ("{'a': 1}", 1), ("\"\\x\"", 2), ("\"\\u12g4\"", 5), ("-", 0),
    ("[1, // no\n2]", 4), ("\"a\nb\"", 2),
  ])
  func `a broken text is refused at its place`(text: String, place: Int) {
    let error = #expect(throws: CheckpointError.self) { try JSON(parsing: text) }
    guard case .brokenJSON(let byte, let length, _) = error?.kind else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(byte == place)
    #expect(length == text.utf8.count)
  }

  @Test func `nesting beyond the limit is refused instead of ending the stack`() throws {
    let deepest = JSON.depthLimit
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSON(parsing: nested(deepest))
    #expect(throws: CheckpointError.self) { try JSON(parsing: nested(deepest + 1)) }
    #expect(throws: CheckpointError.self) {
      try JSON(parsing: String(repeating: "{\"a\":", count: 1_000_000))
    }
  }

  @Test func `keys are set and removed through the subscript`() {
    var value: JSON = ["a": ["b": 1]]
    value["a"]?["b"] = 2
    value["c"] = "d"
    #expect(value == ["a": ["b": 2], "c": "d"])
    value["a"] = nil
    #expect(value == ["c": "d"])
  }
}
