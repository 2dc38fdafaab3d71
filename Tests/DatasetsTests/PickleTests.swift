import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

struct PickleTests {
  @Test(
    .enabled(if: Surroundings.kerasPython != nil, "needs the Python with numpy"),
    arguments: [2, 3, 4, 5])
  func `object arrays of every protocol and numpy's old module name equal numpy's`(
    protocol version: Int
  ) throws {
    let scratch = try Scratch()
    try scratch.python(
      """
      import numpy as np, pickle, struct
      def ragged(rows):
        a = np.empty(len(rows), dtype=object)
        for i, row in enumerate(rows): a[i] = row
        return a
      random = np.random.RandomState(3)
      shared = [7, 8]
      cases = {
        'widths': ragged([[0, -1, 255, 256, 65535, 65536, 2**31 - 1, -2**31], [], [5]]),
        'batches': ragged([list(map(int, random.randint(0, 90000, n))) for n in
          (1000, 1001, 2001, 999, 1, 0, 5000)]),
        'many': ragged([[int(i)] * int(i % 4) for i in range(2500)]),
        'shared': ragged([shared, [1], shared]),
        'empty': ragged([]),
        'hollow': ragged([[], []]),
        'equal': np.array([[1, 2], [3, 4], [5, 6]], dtype=object),
      }
      for name, array in cases.items():
        data = pickle.dumps(array, protocol=\(version))
        assert b'numpy._core.multiarray' in data
        # One frame holds the whole of a small pickle; the old name is one byte shorter.
        old = data.replace(b'\\x16numpy._core.multiarray', b'\\x15numpy.core.multiarray')
        old = old.replace(b'numpy._core.multiarray', b'numpy.core.multiarray')
        if \(version) >= 4:
          length = struct.unpack('<Q', old[3:11])[0]
          old = old[:3] + struct.pack('<Q', length - 1) + old[11:]
        for kind, content in ('new', data), ('old', old):
          with open(f'{name}-{kind}.npy', 'wb') as f:
            np.lib.format.write_array_header_1_0(
              f, {'descr': '|O', 'fortran_order': False, 'shape': array.shape})
            f.write(content)
          with open(f'{name}-{kind}.npy', 'rb') as f:
            read = np.lib.format.read_array(f, allow_pickle=True)
          assert read.tolist() == array.tolist()
        np.save(f'{name}.values.npy', np.array([t for row in array for t in row], dtype=np.int32))
        np.save(f'{name}.lengths.npy', np.array([len(row) for row in array], dtype=np.int32))
      """)
    for name in ["widths", "batches", "many", "shared", "empty", "hollow", "equal"] {
      let values = try int32s(scratch.path("\(name).values.npy"))
      let lengths = try int32s(scratch.path("\(name).lengths.npy"))
      for kind in ["new", "old"] {
        let array = try NumpyArray(npy: scratch.path("\(name)-\(kind).npy"))
        guard case .ragged(let rows) = array else {
          Issue.record("\(name)-\(kind) is dense")
          continue
        }
        #expect(rows.values == values, "\(name)-\(kind)")
        #expect(rows.map { Int32($0.count) } == lengths, "\(name)-\(kind)")
      }
    }
  }

  @Test func `what Python 2 wrote is read: strings, integers for flags, memos from 1`() throws {
    var pickle: [UInt8] = [0x80, 2]
    pickle += ascii("cnumpy.core.multiarray\n_reconstruct\nq") + [1]
    pickle += ascii("cnumpy\nndarray\nq") + [2]
    pickle += ascii("K") + [0, 0x85, 0x55, 1] + ascii("b") + [0x87, 0x52]  // (0,) 'b' TUPLE3 REDUCE
    pickle += ascii("(K") + [1] + ascii("K") + [2, 0x85]  // (1, (2,)
    pickle += ascii("cnumpy\ndtype\n") + [0x55, 2] + ascii("O8K") + [0] + ascii("K") + [1]
    pickle += [0x87, 0x52] + ascii("(K") + [3, 0x55, 1] + ascii("|NNN")
    pickle += ascii("J") + [0xFF, 0xFF, 0xFF, 0xFF] + ascii("J") + [0xFF, 0xFF, 0xFF, 0xFF]
    pickle += ascii("K") + [63] + ascii("tb") + [0x89]  // state of the type, fortran
    pickle += ascii("](](K") + [4, 0x8A, 1, 0xFE] + ascii("e]K") + [9] + ascii("ae")
    pickle += ascii("tb.")
    #expect(
      try NumpyArray(npy: Pickle.header(rows: 2) + pickle, at: .init())
        == .ragged(RaggedArray([[4, -2], [9]])))
  }

  @Test func `a list of integers is a tensor of one axis`() throws {
    let pickle = Pickle.array(shape: [3], items: Pickle.list([1, 2, 300]))
    #expect(
      try NumpyArray(npy: Pickle.header(rows: 3) + pickle, at: .init())
        == .dense(Tensor([3], [Int32(1), 2, 300])))
  }

  private func int32s(_ path: String) throws -> [Int32] {
    guard case .int32(let values) = try Tensor(npy: path).scalars else { return [] }
    return values
  }
}

func ascii(_ text: String) -> [UInt8] { [UInt8](text.utf8) }
