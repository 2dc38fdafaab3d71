/// What the tests of the whole line have in common: what they need, and that they run one by one.
import TestSupport
import Testing

/// The tests that use the real Keras, or train for long. One at a time: they share what Keras made,
/// and some measure time.
@Suite(.serialized) struct Acceptance {}

extension Trait where Self == ConditionTrait {
  static var withKeras: Self {
    .enabled(
      if: Surroundings.kerasPython != nil,
      "the real Keras is not installed; `make test` installs it, KERATIN_PYTHON names another")
  }

  static var withIMDB: Self {
    .enabled(
      if: Surroundings.imdb5k != nil,
      "the 5,000 real IMDB reviews, imdb5k.npz, are not beside the repository")
  }

  /// For what takes minutes without the optimiser.
  static var inRelease: Self {
    .enabled(
      if: isRelease, "it trains for minutes in a debug build; run `swift test -c release`")
  }
}

#if DEBUG
  let isRelease = false
#else
  let isRelease = true
#endif
