import Datasets
import Tensors
import TestSupport
import Testing

@Suite(.enabled(if: Surroundings.kerasPython != nil, "needs the Python with numpy"))
struct LabelledDataTests {
  private static let preamble = """
    import numpy as np
    def ragged(*rows):
      a = np.empty(len(rows), dtype=object)
      for i, row in enumerate(rows): a[i] = list(row)
      return a

    """

  /// The path of an archive that numpy saved of these arguments, and what keeps it.
  private func archive(_ arguments: String, save: String = "savez") throws -> Archive {
    let scratch = try Scratch()
    try scratch.python(Self.preamble + "np.\(save)('d.npz', \(arguments))")
    return Archive(scratch: scratch)
  }

  private struct Archive: ~Copyable {
    let scratch: Scratch
    var path: String { scratch.path("d.npz") }
  }

  @Test(arguments: ["savez", "savez_compressed"])
  func `dense x and y are taken as they are`(save: String) throws {
    let archive = try archive(
      "x=np.arange(6, dtype='f4').reshape(3, 2), y=np.array([1, 0, 1], 'i1')", save: save)
    let data = try LabelledData(path: archive.path, numWords: 2)
    #expect(data.train.x == .dense(Tensor([3, 2], [Float(0), 1, 2, 3, 4, 5])))
    #expect(data.train.y == Tensor(shape: [3], scalars: .int8([1, 0, 1])))
    #expect(data.test == nil)
    #expect(try data.train.x.tensor(maxlen: 1).shape == [3, 2])
  }

  @Test func `ragged x and y hold token ids, of which only the rare are replaced`() throws {
    let archive = try archive("x=ragged([1, 5, 9], [], [8, 7]), y=np.array([1., 0., 1.])")
    #expect(
      try LabelledData(path: archive.path).train.x
        == .ragged(RaggedArray([[1, 5, 9], [], [8, 7]])))
    let data = try LabelledData(path: archive.path, numWords: 8)
    #expect(data.train.x == .ragged(RaggedArray([[1, 5, 2], [], [2, 7]])))
    #expect(data.train.y == Tensor(shape: [3], scalars: .float64([1, 0, 1])))
    #expect(
      try data.train.x.tensor(maxlen: 2) == Tensor([3, 2], [Int32(5), 2, 0, 0, 2, 7]))
  }

  @Test func `lists of one length in imdb's layout are ranks all the same`() throws {
    let archive = try archive(
      "x_train=np.array([[1, 2]], dtype=object), y_train=np.array([1]), "
        + "x_test=ragged([7]), y_test=np.array([0])")
    let data = try LabelledData(path: archive.path, numWords: 5)
    #expect(data.train.x == .ragged(RaggedArray([[1, 4, 2]])))
    #expect(data.test?.x == .ragged(RaggedArray([[1, 2]])))
  }

  @Test func `dense arrays in imdb's layout are taken as they are, with or without a test`() throws
  {
    let both = try archive(
      "x_train=np.ones((2, 3)), y_train=np.zeros((2, 1)), x_test=np.ones((1, 3)), "
        + "y_test=np.zeros((1, 1))")
    let data = try LabelledData(path: both.path)
    #expect(data.train.x.sampleCount == 2 && data.test?.x.sampleCount == 1)
    #expect(data.train.y.shape == [2, 1])
    let one = try archive("x_train=np.ones((2, 3)), y_train=np.zeros(2)")
    #expect(try LabelledData(path: one.path).test == nil)
  }

  @Test(
    arguments: [
      ("a=np.ones(2)", "expected the arrays x_train, y_train, x_test, y_test, found a;"),
      ("x=np.ones(2)", "expected the arrays y, found x;"),
      (
        "x_train=np.ones(1), y_train=np.ones(1), x_test=np.ones(1)",
        "expected the arrays y_test, found x_train, y_train, x_test;"
      ),
      ("x=np.ones(3), y=np.ones(2)", "entry y.npy: x has 3 samples and y has 2 labels"),
      ("x=np.ones(1), y=np.float32(1)", "entry y.npy: y is float32 of shape (), and one label"),
      ("x=np.ones(1), y=ragged([1])", "entry y.npy: y is lists of integers, and one label"),
      ("x=np.ones((9, 0)), y=np.ones((9, 0))", "entry y.npy: y is float64 of shape (9, 0)"),
      (
        "x_train=ragged([1]), y_train=np.ones(1), x_test=np.ones(1), y_test=np.ones(1)",
        "x_train and x_test differ in kind"
      ),
      (
        "x_train=np.ones(1), y_train=np.ones(1), x_test=ragged([1]), y_test=np.ones(1)",
        "x_train and x_test differ in kind"
      ),
      ("x=np.array(['a']), y=np.ones(1)", "entry x.npy, byte 10: the elements are of"),
      (
        "x=np.array([{'a': 1}, None]), y=np.ones(2)",
        "the opcode EMPTY_DICT does not occur in arrays of lists of integers"
      ),
      ("x=ragged([1.5]), y=np.ones(1)", "the opcode BINFLOAT does not occur"),
    ])
  func `what is missing or does not fit is named`(arguments: String, sentence: String) throws {
    let archive = try archive(arguments)
    expectRefusal(containing: sentence) { try LabelledData(path: archive.path) }
  }

  @Test func `load_data takes tables of integers for reviews, and nothing else`() throws {
    let rest = "y_train=np.array([1]), x_test=ragged([7]), y_test=np.array([0])"
    let table = try archive("x_train=np.array([[5, 6]], 'u2'), \(rest)")
    #expect(try IMDB.loadData(path: table.path, numWords: 9).train.x == RaggedArray([[1, 8, 2]]))
    let floats = try archive("x_train=np.array([[5., 6.]]), \(rest)")
    expectRefusal(containing: "entry x_train.npy: x_train is float64 of shape (1, 2), and") {
      try IMDB.loadData(path: floats.path)
    }
  }
}
