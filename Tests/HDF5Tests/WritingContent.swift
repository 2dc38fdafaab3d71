import HDF5
import Tensors

/// A tree with every kind of attribute and every type of element, and the Python that writes the
/// same with h5py.
enum EveryKind {
  static func content() throws -> GroupContent {
    var root = GroupContent()
    root.set("str", .string("abc", encoding: .utf8))
    root.set("str_unicode", .string("é ✓ 日本", encoding: .utf8))
    root.set("str_empty", .string("", encoding: .utf8))
    root.set("bytes", .string("abc", encoding: .ascii))
    root.set("list", .strings(["a", "bc", "", "é"], .variable(.utf8)))
    root.set("list_of_bytes", .strings(["dense/kernel:0", "b"], .variable(.ascii)))
    root.set("S", .strings(["ab", "c", ""], .fixed()))
    root.set("S_wide", .strings(["ab", "c"], .fixed(length: 5)))
    root.set("S_of_nothing", .strings(["", ""], .fixed()))
    root.set("S_empty", .strings([], .fixed()))
    root.set("bytes_", .fixedString("abc"))
    root.set("bytes_empty", .fixedString(""))
    root.set("empty_list", .emptyFloat64)
    root.set("null", .empty(.float32))
    root.set("bool", .tensor(Tensor(shape: [], scalars: .bool([true]))))
    root.set("bools", .tensor(Tensor(shape: [2], scalars: .bool([true, false]))))
    root.set("int", .tensor(Tensor(shape: [], scalars: .int64([3]))))
    root.set("ints", .tensor(Tensor([2, 2], [1, 2, 3, 4] as [Int32])))
    root.set("float", .tensor(Tensor(shape: [], scalars: .float64([0.5]))))
    root.set("void", .opaque([1, 2, 3, 0]))
    root.set("größe", .string("name", encoding: .utf8))

    let types: [(String, Scalars)] = [
      ("bool", .bool([true, false, true])), ("int8", .int8([-128, 0, 127])),
      ("int16", .int16([-32768, 0, 32767])), ("int32", .int32([.min, 0, .max])),
      ("int64", .int64([.min, 0, .max])), ("uint8", .uint8([0, 1, 255])),
      ("uint16", .uint16([0, 1, .max])), ("uint32", .uint32([0, 1, .max])),
      ("uint64", .uint64([0, 1, .max])),
      ("float16", .float16(bits: [0x3C00, 0x7C00, 0x0001])),
      ("bfloat16", .bfloat16(bits: [0x3F80, 0xC000, 0x7F80])),
      ("float32", .float32([1, -2.5, .infinity])),
      ("float64", .float64([1, -2.5, .leastNonzeroMagnitude])),
    ]
    for (name, scalars) in types {
      try root.insert(
        DatasetContent(Tensor(shape: [3], scalars: scalars)), at: "types/\(name)")
    }
    var scalar = DatasetContent(Tensor([], [42] as [Float]))
    scalar.attributes.append(AttributeContent("dtype", .string("float32", encoding: .utf8)))
    try root.insert(scalar, at: "shapes/scalar")
    try root.insert(DatasetContent(Tensor([0, 3], [] as [Float])), at: "shapes/empty")
    try root.insert(
      DatasetContent(Tensor([1, 2, 1, 3], [1, 2, 3, 4, 5, 6] as [Float])), at: "shapes/four axes")
    try root.insert(DatasetContent(Tensor([1], [1] as [Float])), at: "dense/dense/kernel:0")
    try root.insert(DatasetContent(Tensor([1], [2] as [Float])), at: "dense/dense/bias:0")
    try root.insert(DatasetContent(Tensor([1], [3] as [Float])), at: "größe/日本")
    try root.insert(GroupContent(), at: "dropout")
    return root
  }

  static let python = #"""
    import sys, h5py, numpy as np, ml_dtypes
    with h5py.File(sys.argv[1], "w") as f:
        a = f.attrs
        a["str"] = "abc"
        a["str_unicode"] = "é ✓ 日本"
        a["str_empty"] = ""
        a["bytes"] = b"abc"
        a["list"] = ["a", "bc", "", "é"]
        a.create("list_of_bytes", [b"dense/kernel:0", b"b"], dtype=h5py.string_dtype("ascii"))
        a["S"] = np.array([b"ab", b"c", b""])
        a["S_wide"] = np.array([b"ab", b"c"], "S5")
        a["S_of_nothing"] = np.array([b"", b""])
        a["S_empty"] = np.array([], "S1")
        a["bytes_"] = np.bytes_(b"abc")
        a["bytes_empty"] = np.bytes_(b"")
        a["empty_list"] = []
        a["null"] = h5py.Empty("f4")
        a["bool"] = True
        a["bools"] = np.array([True, False])
        a["int"] = 3
        a["ints"] = np.array([[1, 2], [3, 4]], "int32")
        a["float"] = 0.5
        a["void"] = np.void(b"\x01\x02\x03\x00")
        a["größe"] = "name"
        for name, values in {
            "bool": [True, False, True], "int8": [-128, 0, 127], "int16": [-32768, 0, 32767],
            "int32": [-2**31, 0, 2**31 - 1], "int64": [-2**63, 0, 2**63 - 1],
            "uint8": [0, 1, 255], "uint16": [0, 1, 2**16 - 1], "uint32": [0, 1, 2**32 - 1],
            "uint64": [0, 1, 2**64 - 1], "float16": [1, np.inf, 2**-24],
            "bfloat16": [1, -2, np.inf], "float32": [1, -2.5, np.inf],
            "float64": [1, -2.5, 5e-324],
        }.items():
            dtype = ml_dtypes.bfloat16 if name == "bfloat16" else name
            f.require_group("types").create_dataset(name, data=np.array(values, dtype))
        shapes = f.create_group("shapes")
        scalar = shapes.create_dataset("scalar", data=np.float32(42))
        scalar.attrs["dtype"] = "float32"
        shapes.create_dataset("empty", (0, 3), "float32")
        shapes.create_dataset("four axes", data=np.arange(1, 7, dtype="float32").reshape(1, 2, 1, 3))
        dense = f.create_group("dense")
        dense.create_dataset("dense/kernel:0", data=np.array([1], "float32"))
        dense.create_dataset("dense/bias:0", data=np.array([2], "float32"))
        f.create_dataset("größe/日本", data=np.array([3], "float32"))
        f.create_group("dropout")
    """#
}
