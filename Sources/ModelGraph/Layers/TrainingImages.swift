/// What changes images in training alone.
public import Engine
public import KerasCheckpoint

/// In inference `y = x`. In training images are turned, moved, recoloured or mixed, mostly by chance, which
/// Keratin does not do: it refuses to train the model. What the layer is told of that is kept as it is.
///
/// Shapes: `[N, A, B, C]`, or `[N, C, A, B]`; one image without a batch too.
/// Source: `keras/src/layers/preprocessing/image_preprocessing/`.
public protocol TrainingImageLayer: SingleInputLayer {
  init()

  /// The spatial axis whose extent training changes.
  static var changedAxis: Int? { get }
}

public struct AugMix: TrainingImageLayer {
  public static let className = "AugMix"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct CutMix: TrainingImageLayer {
  public static let className = "CutMix"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct MixUp: TrainingImageLayer {
  public static let className = "MixUp"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandAugment: TrainingImageLayer {
  public static let className = "RandAugment"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomBrightness: TrainingImageLayer {
  public static let className = "RandomBrightness"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomColorDegeneration: TrainingImageLayer {
  public static let className = "RandomColorDegeneration"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomColorJitter: TrainingImageLayer {
  public static let className = "RandomColorJitter"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomContrast: TrainingImageLayer {
  public static let className = "RandomContrast"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomElasticTransform: TrainingImageLayer {
  public static let className = "RandomElasticTransform"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomErasing: TrainingImageLayer {
  public static let className = "RandomErasing"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomFlip: TrainingImageLayer {
  public static let className = "RandomFlip"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomGaussianBlur: TrainingImageLayer {
  public static let className = "RandomGaussianBlur"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomGrayscale: TrainingImageLayer {
  public static let className = "RandomGrayscale"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomHeight: TrainingImageLayer {
  public static let className = "RandomHeight"
  public static let changedAxis: Int? = 0
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomHue: TrainingImageLayer {
  public static let className = "RandomHue"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomInvert: TrainingImageLayer {
  public static let className = "RandomInvert"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomPerspective: TrainingImageLayer {
  public static let className = "RandomPerspective"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomPosterization: TrainingImageLayer {
  public static let className = "RandomPosterization"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomRotation: TrainingImageLayer {
  public static let className = "RandomRotation"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomSaturation: TrainingImageLayer {
  public static let className = "RandomSaturation"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomSharpness: TrainingImageLayer {
  public static let className = "RandomSharpness"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomShear: TrainingImageLayer {
  public static let className = "RandomShear"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomTranslation: TrainingImageLayer {
  public static let className = "RandomTranslation"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomWidth: TrainingImageLayer {
  public static let className = "RandomWidth"
  public static let changedAxis: Int? = 1
  public var attributes = LayerAttributes()
  public init() {}
}

public struct RandomZoom: TrainingImageLayer {
  public static let className = "RandomZoom"
  public var attributes = LayerAttributes()
  public init() {}
}

public struct Solarization: TrainingImageLayer {
  public static let className = "Solarization"
  public var attributes = LayerAttributes()
  public init() {}
}

extension TrainingImageLayer {
  public static var changedAxis: Int? { nil }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init()
    self.attributes = attributes
  }

  /// Those of the file are among the keys that no rule knows.
  public var settings: [String: JSON] { [:] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    guard (3...4).contains(input.rank) else {
      throw ModelGraphError(.inputShape(expected: "images", found: input))
    }
    guard let axis = Self.changedAxis else { return input }
    var output = input
    output[input.rank - 3 + axis] = nil
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .inference else { throw ModelGraphError(.randomImages) }
    return input
  }
}
