"""Writes HDF5 files by h5py, one for each part of the format that Keratin reads.

    hdf5_files.py FOLDER LIBVER
"""

import sys
from pathlib import Path

import h5py
import numpy as np

random = np.random.default_rng(20240607)

DTYPES = [
    "bool", "i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8", "<u8",
    ">u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8",
]


def array(dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return random.random(shape) < 0.5
    if dtype.kind == "f":
        return random.standard_normal(shape).astype(dtype)
    info = np.iinfo(dtype)
    return random.integers(info.min, info.max, shape, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)


def types(file):
    for dtype in DTYPES:
        name = dtype.replace("<", "little-").replace(">", "big-")
        file[f"scalar-{name}"] = array(dtype, ())
        file[f"matrix-{name}"] = array(dtype, (3, 5))
        file[f"none-{name}"] = array(dtype, (0,))
        file.attrs[f"scalar-{name}"] = array(dtype, ())
        file.attrs[f"row-{name}"] = array(dtype, (4,))
    special = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1e308])
    with np.errstate(all="ignore"):
        for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8"]:
            file["special-" + dtype.replace("<", "l").replace(">", "b")] = special.astype(dtype)
    file["colours"] = np.array([0, 2, 1], dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 2}, basetype=">i2"))
    file["negative"] = np.array([-1, 1], dtype=h5py.enum_dtype({"MINUS": -1, "PLUS": 1}, basetype="i1"))
    file["opaque"] = np.frombuffer(bytes(range(24)), dtype="V6").reshape(2, 2)
    file["opaque-2"] = np.frombuffer(bytes(range(8)), dtype="V2")
    file.attrs["opaque"] = np.void(b"sixteen bytes ..")
    bfloat16(file)


def bfloat16(file):
    """HDF5's own floating-point type in the layout of bfloat16, both orders of bytes."""
    for base in (h5py.h5t.IEEE_F32LE, h5py.h5t.IEEE_F32BE):
        kind = base.copy()
        kind.set_fields(15, 7, 8, 0, 7)
        kind.set_precision(16)
        kind.set_size(2)
        kind.set_ebias(127)
        values = random.standard_normal((3, 4)).astype(np.float32)
        values = (values.view(np.uint32) & 0xFFFF0000).view(np.float32)
        space = h5py.h5s.create_simple(values.shape)
        name = b"bfloat16-" + (b"little" if base == h5py.h5t.IEEE_F32LE else b"big")
        dataset = h5py.h5d.create(file.id, name, kind, space)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


def strings(file):
    texts = ["", "a", "Ünï¢ödé ✓", "x" * 5000, "two words", "trailing  "]
    for charset in ("ascii", "utf-8"):
        plain = [t.encode("ascii", "replace").decode() if charset == "ascii" else t for t in texts]
        variable = h5py.string_dtype(charset)
        fixed = h5py.string_dtype(charset, 12)
        file.create_dataset(f"variable-{charset}", data=plain, dtype=variable)
        file.create_dataset(f"variable-scalar-{charset}", data=plain[2], dtype=variable)
        file.create_dataset(f"fixed-{charset}", data=[t.encode(charset)[:12].decode(charset, "ignore").encode(charset) for t in plain], dtype=fixed)
        file.attrs.create(f"variable-{charset}", plain, dtype=variable)
        file.attrs.create(f"variable-matrix-{charset}", np.array(plain, dtype=object).reshape(2, 3), dtype=variable)
        file.attrs.create(f"scalar-{charset}", plain[2], dtype=variable)
        file.attrs.create(f"fixed-{charset}", [b"ab", b"abcdefghijkl", b""], dtype=fixed)
    for number, padding in enumerate([h5py.h5t.STR_NULLTERM, h5py.h5t.STR_NULLPAD, h5py.h5t.STR_SPACEPAD]):
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(9)
        kind.set_strpad(padding)
        space = h5py.h5s.create_simple((3,))
        dataset = h5py.h5d.create(file.id, f"padding-{number}".encode(), kind, space)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"abc", b"ab  d", b"12345678"], dtype="S9"))
    file.create_dataset("unwritten", (3,), dtype=h5py.string_dtype())
    file.create_dataset("chunked", data=[f"text {i}" for i in range(100)], dtype=h5py.string_dtype(), chunks=(7,), compression="gzip")
    file.attrs["empty-list"] = np.zeros((0,))
    file.attrs["null"] = h5py.Empty("f4")
    file["null"] = h5py.Empty("S7")


def layouts(file):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    values = array("<f4", (4, 6))
    dataset = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4, 6)), plist)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
    file.create_dataset("late", (5, 7), dtype="<f4")
    file.create_dataset("filled", (5, 7), dtype=">i4", fillvalue=-7)
    file.create_dataset("filled-chunks", (5, 7), dtype="<f8", fillvalue=2.5, chunks=(2, 3))[1, 1] = 9
    file.create_dataset("unwritten-chunks", (5, 7), dtype="<u2", fillvalue=77, chunks=(2, 3), maxshape=(None, 7))
    file.create_dataset("contiguous", data=array("<f8", (17, 3)))


FILTERS = {
    "plain": {},
    "deflate": {"compression": "gzip"},
    "shuffle": {"shuffle": True, "compression": "gzip"},
    "fletcher": {"fletcher32": True},
    "all": {"shuffle": True, "fletcher32": True, "compression": "gzip"},
}


def chunks(file):
    for name, filters in FILTERS.items():
        group = file.create_group(name)
        # One chunk; a fixed array; an extensible array; a version 2 B-tree.
        group.create_dataset("single", data=array("<f4", (6, 5)), chunks=(6, 5), **filters)
        group.create_dataset("fixed", data=array("<f4", (13, 11)), chunks=(4, 3), **filters)
        group.create_dataset("fixed-wider", data=array("<i2", (13, 11)), chunks=(4, 3), maxshape=(40, 30), **filters)
        group.create_dataset("extensible", data=array("<f8", (300,)), chunks=(3,), maxshape=(None,), **filters)
        group.create_dataset("extensible-second", data=array("<f4", (7, 40, 3)), chunks=(2, 1, 2), maxshape=(9, None, 4), **filters)
        group.create_dataset("tree", data=array("<u4", (33, 21)), chunks=(2, 4), maxshape=(None, None), **filters)
        group.create_dataset("deep", data=array("u1", (5, 4, 3, 2)), chunks=(2, 2, 2, 1), maxshape=(5, None, 3, None), **filters)
        sparse = group.create_dataset("sparse", (1000,), dtype="<i4", chunks=(5,), maxshape=(None,), fillvalue=3, **filters)
        sparse[17] = 1
        sparse[501] = 2
        grown = group.create_dataset("grown", data=array("<f4", (10, 10)), chunks=(4, 4), maxshape=(None, None), **filters)
        grown.resize((15, 3))
        grown.resize((12, 12))
    file.create_dataset("one-byte", data=array("u1", (50,)), chunks=(7,), shuffle=True)
    file.create_dataset("odd", data=array("u1", (7,)), chunks=(7,), fletcher32=True)


def many_chunks(file):
    """Enough chunks for paged arrays and for trees of several levels."""
    file.create_dataset("fixed", data=array("<i4", (5000,)), chunks=(1,))
    file.create_dataset("fixed-filtered", data=array("<i4", (3000,)), chunks=(1,), compression="gzip")
    paged = file.create_dataset("fixed-holes", (9000,), dtype="<i4", chunks=(1,), fillvalue=5)
    paged[4000] = 1
    paged[8999] = 2
    file.create_dataset("extensible", data=array("<i4", (40000,)), chunks=(1,), maxshape=(None,))
    holes = file.create_dataset("extensible-holes", (200000,), dtype="<i2", chunks=(2,), maxshape=(None,), fillvalue=9)
    holes[150000] = 1
    holes[199999] = 4
    holes[33333] = 5
    file.create_dataset("tree", data=array("<i2", (90, 80)), chunks=(1, 1), maxshape=(None, None))
    file.create_dataset("tree-filtered", data=array("<i2", (60, 50)), chunks=(1, 1), maxshape=(None, None), shuffle=True)


def links(file):
    for count in (1, 8, 9, 100, 1500):
        group = file.create_group(f"groups-{count}")
        for index in range(count):
            group.create_group(f"member {index:05}")
    named = file.create_group("names")
    for name in ["é", "ｗｉｄｅ", "a b", "n" * 300, "kernel:0", "UPPER", "x" * 5000, "0", "10", "9"]:
        named.create_group(name)
    ordered = file.create_group("ordered", track_order=True)
    for index in reversed(range(30)):
        ordered.create_group(f"{index}").attrs["i"] = index
    file["hard"] = file["names"]
    file["names/back"] = file["/"]
    file["soft"] = h5py.SoftLink("/names/0")
    file["dangling"] = h5py.SoftLink("/nowhere")
    file["external"] = h5py.ExternalLink("other.h5", "/data")
    file["committed"] = np.dtype("<f4")
    file.create_dataset("of-committed", data=array("<f4", (3,)), dtype=file["committed"])
    file["names"].attrs.create("of-committed", array("<f4", (3,)), dtype=file["committed"])
    file["committed"].attrs["note"] = "a type of its own"


def attributes(file):
    for count in (1, 8, 9, 200):
        group = file.create_group(f"attributes-{count}")
        for index in range(count):
            group.attrs[f"attribute {index:04}"] = index
    large = file.create_group("large")
    for index in range(12):
        # Beyond what a fractal heap keeps in its blocks, so that "huge" objects appear.
        large.attrs[f"block {index}"] = array("u1", (1000 * index,))
    ordered = file.create_group("ordered", track_order=True)
    for index in reversed(range(20)):
        ordered.attrs[f"{index}"] = f"value {index}"
    dataset = file.create_dataset("data", data=array("<f4", (2,)))
    for index in range(40):
        dataset.attrs[f"é{index}"] = np.arange(index)
    grown = file.create_group("grown")
    for index in range(6):
        # Messages added after others need continuation blocks.
        grown.attrs[f"text {index}"] = "t" * 100 * index
        grown.create_group(f"{index}")


def unsupported(file):
    file["compound"] = np.zeros(3, dtype=[("a", "<f4"), ("b", "<i2")])
    file["complex"] = np.zeros(3, dtype="<c8")
    file["array"] = np.zeros(2, dtype="(3,)f4")
    file["reference"] = np.array([file.ref], dtype=h5py.ref_dtype)
    file.create_dataset("sequence", (2,), dtype=h5py.vlen_dtype("i4"))[0] = [1, 2]
    file.create_dataset("scaled", data=np.arange(100), chunks=(10,), scaleoffset=0)
    file.create_dataset("lzf", data=np.arange(100), chunks=(10,), compression="lzf")
    file.create_dataset("external", (10,), dtype="<f4", external=[("raw.bin", 0, 40)])
    file.attrs["compound"] = np.zeros((), dtype=[("a", "<f4"), ("b", "<i2")])
    file.attrs["reference"] = file.ref
    file.attrs["plain"] = 7
    file["readable"] = np.arange(4)


def virtual(file):
    layout = h5py.VirtualLayout((10,), "<f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "data", (10,))
    file.create_virtual_dataset("virtual", layout)


def implicit(file):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((3, 4))
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    space = h5py.h5s.create_simple((8, 9))
    dataset = h5py.h5d.create(file.id, b"implicit", h5py.h5t.IEEE_F32LE, space, plist)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, array("<f4", (8, 9)))


def main():
    folder, version = Path(sys.argv[1]), sys.argv[2]
    modern = version in ("v110", "v112", "v114", "latest")
    parts = [types, strings, layouts, chunks, many_chunks, links, attributes, unsupported, implicit]
    if modern:
        parts.append(virtual)
    for part in parts:
        with h5py.File(folder / f"{part.__name__}.h5", "w", libver=(version, "latest" if version == "earliest" else version)) as file:
            part(file)
    for block in (512, 4096):
        with h5py.File(folder / f"user_block_{block}.h5", "w", libver=version, userblock_size=block) as file:
            attributes(file)
            layouts(file)
    with h5py.File(folder / "order_tracked.h5", "w", libver=version, track_order=True) as file:
        links(file)


if __name__ == "__main__":
    main()
