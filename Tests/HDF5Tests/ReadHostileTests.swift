/// Files broken at random, at every length and in circles: a result or a typed error, in finite time.
import Foundation
import HDF5
import Tensors
import TestSupport
import Testing

struct ReadHostileTests {
  static let fixtures = ["earliest", "latest"]

  @Test(arguments: fixtures)
  func `no truncation is taken for a file`(fixture: String) throws {
    let whole = try DamagedFile(fixture).bytes
    for length in 0..<whole.count {
      let found = try kind { _ = try File(bytes: Array(whole[..<length]), name: "cut.h5") }
      if length == 0 {
        #expect(found == .empty)
      } else if case .truncated(let expected, length) = found {
        #expect(expected > length)
      } else {
        Issue.record("\(length) bytes: \(found)")
      }
    }
  }

  @Test(arguments: fixtures)
  func `a file with any byte changed is read or refused`(fixture: String) throws {
    let whole = try DamagedFile(fixture)
    var random = SplitMix(state: 20_240_607)
    // The soft and the external link and the null dataset are errors of the sound file too.
    let sound = readEverything(whole.open).map(\.kind)
    #expect(sound.count == 3)
    var refused = 0
    for _ in 0..<3000 {
      var file = whole
      let place = Int(random.next() % UInt64(file.bytes.count))
      file.bytes[place] = UInt8(truncatingIfNeeded: random.next())
      let errors = readEverything(file.open)
      if errors.map(\.kind) != sound { refused += 1 }
    }
    #expect(refused > 100)
  }

  @Test(arguments: fixtures)
  func `a file with fields of extreme values is read or refused`(fixture: String) throws {
    let whole = try DamagedFile(fixture)
    var random = SplitMix(state: 20_240_608)
    for _ in 0..<3000 {
      var file = whole
      for _ in 0...random.next() % 3 {
        let size = [1, 2, 4, 8][Int(random.next() % 4)]
        let place = Int(random.next() % UInt64(file.bytes.count - 8))
        let values: [UInt64] = [
          0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 63, .max, .max - 7, UInt64(Int.max), UInt64(place),
          random.next(), random.next() % UInt64(file.bytes.count),
        ]
        file.put(values[Int(random.next() % UInt64(values.count))], size: size, at: place)
      }
      _ = readEverything(file.open)
    }
  }

  @Test(arguments: fixtures)
  func `a hard link to an ancestor is followed, and has its address`(fixture: String) throws {
    let root = try DamagedFile(fixture).open().root
    let up = try #require(try root.group("weights/up/weights/up"))
    #expect(up.address == root.address)
    #expect(up.path == "/weights/up/weights/up")
    #expect(try #require(try root.dataset("weights/up/late")).tensor().count == 3)
  }

  @Test func `a header whose continuation is itself is a cycle`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x11, at: try file.address(of: "plain"))
    file.put(0x10, size: 2, at: message)
    file.put(UInt64(message), size: 8, at: message + 8)
    file.put(24, size: 8, at: message + 16)
    #expect(
      try kind { _ = try file.open().root.node("plain") } == .cycle(structure: .objectHeader))
  }

  @Test func `a group B-tree that is its own child is a cycle`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x11, at: try file.address(of: "plain"))
    let tree = file.number(size: 8, at: message + 8)
    file.put(1, size: 1, at: tree + 5)
    file.put(UInt64(tree), size: 8, at: tree + 32)
    #expect(
      try kind { _ = try file.open().root.group("plain")?.children() }
        == .cycle(structure: .groupBTree))
  }

  @Test func `a symbol table node that is listed twice is a cycle`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x11, at: try file.address(of: "plain"))
    let tree = file.number(size: 8, at: message + 8)
    file.put(2, size: 2, at: tree + 6)
    file.put(UInt64(file.number(size: 8, at: tree + 32)), size: 8, at: tree + 48)
    #expect(
      try kind { _ = try file.open().root.group("plain")?.children() }
        == .cycle(structure: .groupBTree))
  }

  @Test func `a datatype that is shared with itself is damage`() throws {
    var file = try DamagedFile("earliest")
    let kernel = try file.address(of: "weights/kernel")
    let message = try file.message(0x03, at: kernel)
    file.put(0b10, size: 1, at: message + 4)
    file.put(2, size: 1, at: message + 8)
    file.put(0, size: 1, at: message + 9)
    file.put(UInt64(kernel), size: 8, at: message + 10)
    let found = try kind { _ = try file.open().root.node("weights/kernel") }
    guard case .malformed(.sharedMessage, _) = found else {
      Issue.record("\(found)")
      return
    }
  }

  @Test func `what is declared and never stored is refused before it is allocated`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x01, at: try file.address(of: "late"))
    for extent in [UInt64(1) << 34, 1 << 55, 40_000_000_000] {
      file.put(extent, size: 8, at: message + 16)
      if file.bytes[message + 10] & 1 != 0 { file.put(extent, size: 8, at: message + 24) }
      let late = try #require(try file.open().root.dataset("late"))
      let found = try kind { _ = try late.tensor() }
      guard case .overLimit = found else {
        Issue.record("\(found)")
        return
      }
    }
  }
}

/// A small generator of random numbers with a fixed start. (Steele, Lea and Flood 2014.)
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
