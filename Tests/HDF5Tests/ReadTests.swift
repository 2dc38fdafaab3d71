/// What a reader of HDF5 promises beside equality with h5py.
import Foundation
import HDF5
import Tensors
import TestSupport
import Testing

struct ReadTests {
  @Test(arguments: ["earliest", "latest"])
  func `the small tree reads as it was written`(fixture: String) throws {
    let url = Surroundings.fixtures.appending(path: "hdf5-\(fixture).h5")
    let file = try File(path: url.path)
    #expect(file.superblockVersion == (fixture == "earliest" ? 0 : 3))
    #expect(file.path == url.path)
    let root = try file.root
    #expect(
      try root.children().map(\.name) == ["late", "messages", "null", "plain", "soft", "weights"])
    #expect(
      try #require(try root.attribute("config")).value() == .string("{\"name\": \"minimal\"}"))
    let weights = try #require(try root.group("weights"))
    #expect(try #require(try weights.attribute("names")).value() == .strings(["kernel", "bias"]))
    #expect(
      try #require(try weights.dataset("kernel")).tensor()
        == Tensor([2, 3], [0, 1, 2, 3, 4, 5] as [Float]))
    #expect(
      try #require(try root.dataset("weights/bias")).tensor()
        == Tensor(shape: [3], scalars: .float64([1, -1, 0.5])))
    #expect(
      try #require(try weights.dataset("chunked")).tensor()
        == Tensor(shape: [10], scalars: .int16(Array(0..<10))))
    #expect(try #require(try weights.dataset("names")).strings() == ["kernel", "bias"])
    #expect(
      try #require(try root.dataset("/late")).tensor() == Tensor([3], [7, 7, 7] as [Int32]))
  }

  @Test func `superblock version 1 differs by four bytes`() throws {
    var file = try DamagedFile("earliest")
    // The four bytes push the root's symbol table entry along, whose end is scratch space.
    file.put(1, size: 1, at: 8)
    file.bytes.removeSubrange(92..<96)
    file.bytes.insert(contentsOf: [32, 0, 0, 0], at: 24)
    let opened = try file.open()
    #expect(opened.superblockVersion == 1)
    #expect(try opened.root.children().count == 6)
  }

  @Test func `contiguous elements are lent without a copy, others are not`() throws {
    let root = try DamagedFile("earliest").open().root
    let kernel = try #require(try root.dataset("weights/kernel"))
    let bytes = try kernel.withContiguousBytes { span in
      (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
    #expect(
      bytes
        == [Float](arrayLiteral: 0, 1, 2, 3, 4, 5).flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
        })
    #expect(try kernel.opaqueBytes() == bytes)
    for name in ["weights/chunked", "late"] {
      #expect(
        try #require(try root.dataset(name)).withContiguousBytes { $0.byteCount } == nil)
    }
  }

  @Test func `large elements read again are the same`() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "large.h5").path
      let large = Tensor([1 << 20], (0..<1 << 20).map { Float($0) })
      var root = GroupContent()
      try root.insert(DatasetContent(large), at: "a")
      try root.insert(DatasetContent(large), at: "b")
      try root.write(to: path)
      let file = try File(path: path).root
      // The memory of what was read is let go, and must come back.
      for name in ["a", "b", "a"] {
        let dataset = try #require(try file.dataset(name))
        #expect(try dataset.tensor() == large)
        let lent = try dataset.withContiguousBytes { bytes in
          unsafe bytes.unsafeLoad(fromByteOffset: 4 << 19, as: Float.self)
        }
        #expect(lent == Float(1 << 19))
      }
    }
  }

  @Test func `types and layouts print`() throws {
    let root = try DamagedFile("earliest").open().root
    func dataset(_ path: String) throws -> Dataset { try #require(try root.dataset(path)) }
    #expect(try dataset("weights/kernel").datatype.description == "float32")
    #expect(try dataset("weights/bias").datatype.description == "float64 big-endian")
    #expect(try dataset("weights/names").datatype.description == "vlen str utf8")
    #expect(try dataset("weights/kernel").layout.description == "contiguous")
    #expect(try dataset("weights/chunked").layout.description == "chunked (4) shuffle deflate")
    let names = try #require(try root.group("weights")?.attribute("names"))
    #expect(names.datatype.description == "str 6 nullpad ascii")
    #expect(
      Datatype(kind: .boolean, size: 1, byteOrder: .little).description == "bool")
  }

  @Test(.enabled(if: Surroundings.corpus != nil, "needs the shared real checkpoints"))
  func `a weight is read as often as one likes`() throws {
    let folder = try #require(Surroundings.corpus).appending(path: "files")
    let url = folder.appending(path: "KonduitAI__dl4j-test-resources__elephas_model.h5")
    let root = try File(path: url.path).root
    for _ in 0..<2000 {
      let group = try #require(try root.group("model_weights"))
      _ = try #require(try group.attribute("layer_names")).value()
      for link in try group.children() {
        guard case .group(let layer) = try link.node() else { continue }
        _ = try layer.attribute("weight_names")?.value()
      }
    }
  }
}
