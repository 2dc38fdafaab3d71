"""Writes what h5py reads from HDF5 files: a JSON document, and the elements' bytes beside it.

    hdf5_dump.py OUT.json FILE...

OUT.json lists every object of every file once, with its links, attributes and elements; numbers and
opaque elements are offsets into OUT.bin (little-endian, row-major). What Keratin deliberately does
not read is there by name, as "unsupported".
"""

import json
import sys

import h5py
import numpy as np

H5T = h5py.h5t


class Dump:
    def __init__(self):
        self.blob = bytearray()

    def put(self, data):
        offset = len(self.blob)
        self.blob += data
        return {"offset": offset, "count": len(data)}

    def value(self, type_id, shape, read):
        """The elements of a dataset or attribute, by the class of their type in the file."""
        if shape is None:
            return {"kind": "empty"}
        kind = type_id.get_class()
        result = {"shape": [int(extent) for extent in shape]}
        if kind == H5T.STRING:
            array = np.asarray(read(), dtype=object).reshape(-1)
            texts = [x if isinstance(x, bytes) else str(x).encode("utf-8", "surrogateescape") for x in array]
            return result | {"kind": "string", "strings": [t.decode("utf-8", "replace") for t in texts]}
        if kind == H5T.OPAQUE:
            array = np.ascontiguousarray(read())
            return result | {"kind": "opaque"} | self.put(array.tobytes())
        if kind in (H5T.INTEGER, H5T.FLOAT, H5T.ENUM):
            if kind == H5T.FLOAT and type_id.get_size() == 2 and type_id.get_fields()[2] == 8:
                # bfloat16: h5py has no numpy type for it, so take the value as float32, exactly.
                array = np.asarray(read(np.float32), dtype="<f4")
                bits = (array.view("<u4") >> 16).astype("<u2")
                return result | {"kind": "number", "dtype": "bfloat16"} | self.put(bits.tobytes())
            array = np.asarray(read())
            array = array.astype(array.dtype.newbyteorder("<"))
            return result | {"kind": "number", "dtype": array.dtype.name} | self.put(array.tobytes())
        return result | {"kind": "unsupported"}

    def attributes(self, item):
        rows = []
        for index in range(h5py.h5a.get_num_attrs(item.id)):
            attribute = h5py.h5a.open(item.id, index=index)

            def read(dtype=None, attribute=attribute):
                if dtype is None:
                    value = item.attrs[attribute.name.decode()]
                    return value
                array = np.empty(attribute.shape, dtype)
                attribute.read(array, mtype=H5T.py_create(np.dtype(dtype)))
                return array

            null = attribute.get_space().get_simple_extent_type() == h5py.h5s.NULL
            shape = None if null else attribute.shape
            try:
                value = self.value(attribute.get_type(), shape, read)
            except (TypeError, OSError):
                value = {"kind": "unsupported"}
            rows.append({"name": attribute.name.decode("utf-8", "replace"), "value": value})
        return sorted(rows, key=lambda row: row["name"].encode())

    def dataset(self, item):
        def read(dtype=None):
            if dtype is None:
                return item[()]
            array = np.empty(item.shape, dtype)
            item.id.read(h5py.h5s.ALL, h5py.h5s.ALL, array, mtype=H5T.py_create(np.dtype(dtype)))
            return array

        plist = item.id.get_create_plist()
        layout = {0: "compact", 1: "contiguous", 2: "chunked", 3: "virtual"}[plist.get_layout()]
        if plist.get_external_count() > 0:
            layout = "external"
        filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
        row = {"kind": "dataset", "layout": layout}
        if layout in ("virtual", "external") or any(f not in (1, 2, 3) for f in filters):
            row["value"] = {"kind": "unsupported"}
        else:
            row["value"] = self.value(item.id.get_type(), item.shape, read)
            row["stored"] = item.id.get_storage_size()
        if layout == "chunked":
            row["chunks"] = list(plist.get_chunk())
        return row

    def links(self, group):
        rows = []
        for name in group:
            link = group.get(name, getlink=True)
            row = {"name": name, "kind": "hard"}
            if isinstance(link, h5py.SoftLink):
                row |= {"kind": "soft", "target": link.path}
            elif isinstance(link, h5py.ExternalLink):
                row |= {"kind": "external", "file": link.filename, "target": link.path}
            rows.append(row)
        return sorted(rows, key=lambda row: row["name"].encode())

    def file(self, path):
        rows, seen = [], set()
        with h5py.File(path, "r") as file:
            pending = [("/", file["/"])]
            while pending:
                path_in_file, item = pending.pop()
                token = h5py.h5o.get_info(item.id).addr
                if token in seen:
                    continue
                seen.add(token)
                if isinstance(item, h5py.Dataset):
                    row = self.dataset(item)
                elif isinstance(item, h5py.Group):
                    links = self.links(item)
                    row = {"kind": "group", "links": links}
                    for link in reversed(links):
                        if link["kind"] == "hard":
                            child = path_in_file.rstrip("/") + "/" + link["name"]
                            pending.append((child, item[link["name"]]))
                else:
                    row = {"kind": "datatype"}
                row["path"] = path_in_file
                row["attributes"] = self.attributes(item)
                rows.append(row)
        return {"file": path, "objects": rows}


def main():
    out, files = sys.argv[1], sys.argv[2:]
    dump = Dump()
    document = [dump.file(path) for path in files]
    with open(out, "w") as stream:
        json.dump(document, stream, allow_nan=False)
    with open(out.removesuffix(".json") + ".bin", "wb") as stream:
        stream.write(dump.blob)


if __name__ == "__main__":
    main()
