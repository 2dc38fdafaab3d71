/// The names that Keras gives to layers.

enum LayerNames {
  /// Names the layers that have none, by their class and a count of that class in the model.
  ///
  /// - Throws: `ModelGraphError` where two layers have the same name.
  static func complete(_ layers: [any Layer]) throws(ModelGraphError) -> [any Layer] {
    var taken: Set<String> = []
    for layer in layers where !layer.name.isEmpty {
      guard taken.insert(layer.name).inserted else {
        throw ModelGraphError(.duplicateLayer, at: .init(layer: layer.name))
      }
    }
    var counts: [String: Int] = [:]
    var named = layers
    for (place, layer) in layers.enumerated() where layer.name.isEmpty {
      let base = snakeCase(type(of: layer).className)
      var name: String
      repeat {
        let count = counts[base, default: 0]
        name = count == 0 ? base : "\(base)_\(count)"
        counts[base] = count + 1
      } while !taken.insert(name).inserted
      named[place].name = name
    }
    return named
  }

  /// `GlobalMaxPooling1D` as `global_max_pooling1d`: an underscore before a capital that begins a
  /// word, and between a small letter and a capital.
  static func snakeCase(_ className: String) -> String {
    let letters = Array(className)
    var name = ""
    for (place, letter) in letters.enumerated() {
      if place > 0, letter.isUppercase {
        let startsWord = place + 1 < letters.count && letters[place + 1].isLowercase
        if startsWord || letters[place - 1].isLowercase { name += "_" }
      }
      name += letter.lowercased()
    }
    return name
  }
}
