import Foundation
import HDF5
import Tensors
import TestSupport
import Testing

/// Keras saves a model; its tree, rebuilt as content in the order of creation, must give the file
/// that Keras made.
@Suite struct WritingKerasTests {
  @Test(.enabled(if: Surroundings.kerasPython != nil, "needs Python with Keras"))
  func `a Keras checkpoint rebuilt is the same file, byte for byte`() throws {
    try withTemporaryFolder { folder in
      let theirs = folder.appending(path: "theirs.h5")
      let ours = folder.appending(path: "ours.h5")
      let recipe = try runPython(Self.saveAndDescribe, [theirs.path])
      let tree = try JSONDecoder().decode(Recipe.self, from: Data(recipe.utf8))
      try tree.content().write(to: ours.path)
      let found = try descriptions(of: [ours, theirs])
      #expect(found[0].count > 40)
      #expect(found[0] == found[1])
      let (a, b) = (try Data(contentsOf: ours), try Data(contentsOf: theirs))
      #expect(a.count == b.count)
      let different = zip(a, b).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
      #expect(different.isEmpty, "first different bytes at \(different.prefix(20))")
    }
  }

  /// A tree as Python prints it.
  private struct Recipe: Decodable {
    struct Attribute: Decodable {
      let name: String
      let kind: String
      let strings: [String]
    }
    let name: String
    let attributes: [Attribute]
    let children: [Recipe]
    let shape: [Int]?
    let values: [Float]?
    let whole: Int64?

    func attributeContents() -> [AttributeContent] {
      attributes.map { attribute in
        let text = attribute.strings
        switch attribute.kind {
        case "utf8": return AttributeContent(attribute.name, .string(text[0], encoding: .utf8))
        case "ascii": return AttributeContent(attribute.name, .string(text[0], encoding: .ascii))
        case "utf8s": return AttributeContent(attribute.name, .strings(text, .variable(.utf8)))
        case "asciis": return AttributeContent(attribute.name, .strings(text, .variable(.ascii)))
        case "empty": return AttributeContent(attribute.name, .emptyFloat64)
        case "S": return AttributeContent(attribute.name, .strings(text, .fixed()))
        default:
          Issue.record("Keras wrote an attribute of kind \(attribute.kind)")
          return AttributeContent(attribute.name, .emptyFloat64)
        }
      }
    }

    func content() throws -> GroupContent {
      GroupContent(
        attributes: attributeContents(),
        children: try children.map { child in
          guard let shape = child.shape else { return (child.name, .group(try child.content())) }
          let tensor =
            if let whole = child.whole {
              Tensor(shape: [], scalars: .int64([whole]))
            } else {
              Tensor(Shape(shape), child.values ?? [])
            }
          let dataset = DatasetContent(tensor, attributes: child.attributeContents())
          return (child.name, .dataset(dataset))
        })
    }
  }

  private static let saveAndDescribe = #"""
    import sys, json, h5py, keras, numpy as np
    keras.utils.set_random_seed(1)
    m = keras.Sequential([keras.layers.Input((60,)), keras.layers.Embedding(50, 8),
        keras.layers.Dropout(0.3), keras.layers.Conv1D(4, 3, activation="relu"),
        keras.layers.GlobalMaxPooling1D(), keras.layers.Dense(3), keras.layers.Dense(1, activation="sigmoid")])
    m.compile("adam", "binary_crossentropy", metrics=["acc"])
    m.fit(np.zeros((4, 60)), np.zeros((4, 1)), verbose=0)
    m.save(sys.argv[1])
    def attributes(o):
        found = []
        for i in range(h5py.h5a.get_num_attrs(o.id)):
            a = h5py.h5a.open(o.id, index=i, order=h5py.h5.ITER_NATIVE)
            name, t, v = a.name.decode(), a.get_type(), o.attrs[a.name.decode()]
            if t.get_class() == h5py.h5t.FLOAT:
                assert a.shape == (0,)
                kind, v = "empty", []
            elif t.is_variable_str():
                kind = ["ascii", "utf8"][t.get_cset()] + ("s" if a.shape else "")
                v = list(v) if a.shape else [v]
            else:
                assert a.shape
                kind, v = "S", [x.decode() for x in v]
            found.append({"name": name, "kind": kind, "strings": v})
        return found
    def recipe(name, o, root="", weights=()):
        made = {"name": name, "attributes": attributes(o), "children": []}
        if isinstance(o, h5py.Dataset):
            made["shape"] = list(o.shape)
            if o.dtype == np.int64: made["whole"] = int(o[()])
            else:
                assert o.dtype == np.float32
                made["values"] = o[()].ravel().tolist()
        else:
            # Keras's order of creation: layers by name, the weights of a layer by weight_names.
            if len(o.attrs.get("weight_names", [])):
                root, weights = o.name, list(o.attrs["weight_names"])
            def order(k):
                path = o[k].name
                below = [i for i, w in enumerate(weights) if f"{root}/{w}/".startswith(path + "/")]
                return (below[:1], k == "top_level_model_weights", k)
            made["children"] = [recipe(k, o[k], root, weights) for k in sorted(o, key=order)]
        return made
    with h5py.File(sys.argv[1]) as f:
        print(json.dumps(recipe("", f)))
    """#
}
