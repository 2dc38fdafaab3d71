import Foundation
import HDF5
import Tensors
import TestSupport
import Testing

@Suite struct WritingTests {
  @Test(.enabled(if: Surroundings.kerasPython != nil, "needs Python with h5py"))
  func `what is written is what h5py writes, byte for byte`() throws {
    try withTemporaryFolder { folder in
      let (ours, theirs) = (folder.appending(path: "ours.h5"), folder.appending(path: "theirs.h5"))
      try EveryKind.content().write(to: ours.path)
      _ = try runPython(EveryKind.python, [theirs.path])
      let found = try descriptions(of: [ours, theirs])
      #expect(found[0].count > 60)
      #expect(found[0] == found[1])
      #expect(try Data(contentsOf: ours) == Data(contentsOf: theirs))
    }
  }
}
