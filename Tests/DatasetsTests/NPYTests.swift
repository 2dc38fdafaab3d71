import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

struct NPYTests {
  @Test(.enabled(if: Surroundings.kerasPython != nil, "needs the Python with numpy"))
  func `every type, order, byte order, rank and version reads as numpy's own values`() throws {
    let scratch = try Scratch()
    let count = try scratch.python(
      """
      import numpy as np, ml_dtypes
      from numpy.lib import format
      random = np.random.RandomState(1)
      types = ['?'] + [k + str(s) for k in 'iu' for s in (1, 2, 4, 8)] + ['f2', 'f4', 'f8']
      number = 0
      for name in types + ['bfloat16']:
        for shape in (), (0,), (5,), (1,), (2, 3), (3, 0, 2), (2, 3, 4), (2, 1, 3, 2):
          size = int(np.prod(shape))
          dtype = np.dtype(ml_dtypes.bfloat16 if name == 'bfloat16' else name)
          if name == '?':
            a = random.randint(0, 2, size).astype(bool).reshape(shape)
          else:
            # Any bits: NaN payloads, infinities and extremes among them.
            a = np.frombuffer(random.bytes(size * dtype.itemsize), dtype=dtype).reshape(shape)
          for order in 'CF':
            for end in '<>':
              if end == '>' and (dtype.itemsize == 1 or name == 'bfloat16'): continue
              stored = np.array(a, dtype=dtype.newbyteorder(end), order=order)
              for version in (1, 0), (2, 0), (3, 0):
                with open(f'{number}.npy', 'wb') as f:
                  format.write_array(f, stored, version=version)
                np.save(f'{number}.expected.npy', np.ascontiguousarray(a).reshape(shape))
                number += 1
      print(number)
      """)
    let files = try #require(Int(count.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(files > 1000)
    for number in 0..<files {
      let tensor = try Tensor(npy: scratch.path("\(number).npy"))
      // numpy's own file of the same array in row-major little-endian order.
      let expected = try scratch.bytes("\(number).expected.npy")
      #expect(tensor.npyBytes == expected, "\(number).npy: \(tensor.dtype) \(tensor.shape)")
    }
  }

  @Test func `bytes written are read back as the same tensor`() throws {
    let tensor = Tensor(shape: [2, 2], scalars: .float64([1, -0.0, .infinity, 0x1p-1074]))
    #expect(try NumpyArray(npy: tensor.npyBytes, at: .init()) == .dense(tensor))
    #expect(tensor.npyBytes.count == 128 + 32)
  }

  @Test func `headers of older writers and of other quotes are read`() throws {
    let expected = NumpyArray.dense(Tensor([2, 1], [Int32(1), 2]))
    for header in [
      #"{'shape': (2L, 1L), 'fortran_order': False, 'descr': '<i4'}"#,
      #"{"descr":"<i4","fortran_order":False,"shape":(2,1),}"#,
    ] {
      #expect(try read(header, [1, 0, 0, 0, 2, 0, 0, 0]) == expected)
    }
  }

  @Test(
    arguments: [
      ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "numpy type <c8"),
      ("{'descr': '|V2', 'fortran_order': False, 'shape': (1,)}", "numpy type |V2"),
      ("{'descr': '<U4', 'fortran_order': False, 'shape': (1,)}", "numpy type <U4"),
      ("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", "numpy type [('a'"),
      ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "expected True or False"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "expected an extent"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "64 bits"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "counted"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", "counted"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "takes 8 bytes, and 4 follow"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': ()}x", "expected the header's end"),
      ("{'descr': '<f4', 'fortran_order': False}", "the keys descr, fortran_order and shape"),
      ("{'descr': '<f4', 'descr': '<f4'}", "once each, found 'descr'"),
      ("{'a': 1}", "once each, found 'a'"),
      ("{'descr': '<f4", "in quotes"),
      ("", "expected ‘{’, found its end"),
    ])
  func `broken headers are refused and say why`(header: String, sentence: String) {
    expectRefusal(containing: sentence) { try read(header, [0, 0, 0, 0]) }
  }

  @Test func `the number of axes is limited`() {
    let axes = [String](repeating: "1", count: 65).joined(separator: ",")
    expectRefusal(containing: "65 axes") {
      try read("{'descr': '|u1', 'fortran_order': False, 'shape': (\(axes))}", [0])
    }
  }

  @Test func `an array cut at any length is refused`() {
    let bytes = Tensor([2, 2], [Float(1), 2, 3, 4]).npyBytes
    for length in bytes.indices {
      expectRefusal(containing: "x.npy, byte ") {
        try NumpyArray(npy: [UInt8](bytes[..<length]), at: .init(file: "x.npy"))
      }
    }
    expectRefusal(containing: "takes 16 bytes, and 17 follow") {
      try NumpyArray(npy: bytes + [0], at: .init())
    }
  }

  @Test func `other files and versions are refused`() {
    expectRefusal(containing: "begins with 50 4B 03 04 00 00") {
      try NumpyArray(npy: [0x50, 0x4B, 3, 4, 0, 0, 0], at: .init())
    }
    var bytes = Tensor([1], [Float(1)]).npyBytes
    bytes[6] = 4
    expectRefusal(containing: "version 4.0") { try NumpyArray(npy: bytes, at: .init()) }
    bytes[6] = 2
    bytes.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0xFF])
    expectRefusal(containing: "4294967295 bytes long") { try NumpyArray(npy: bytes, at: .init()) }
  }

  @Test func `a missing file and a folder are named as such`() throws {
    let scratch = try Scratch()
    let missing = scratch.path("none.npy")
    expectRefusal(is: "\(missing): there is no such file; check the path") {
      try Tensor(npy: missing)
    }
    let folder = scratch.url.path
    expectRefusal(is: "\(folder): this is a folder, and a file is expected") {
      try Tensor(npy: folder)
    }
  }

  private func read(_ header: String, _ data: [UInt8]) throws -> NumpyArray {
    var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
    bytes += [UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
    return try NumpyArray(npy: bytes + header.utf8 + data, at: .init(file: "x.npy"))
  }
}
