/// Keras models, native in Swift: what `import Keratin` brings.
@_exported public import Datasets
@_exported public import Engine
@_exported public import KerasCheckpoint
@_exported public import ModelGraph
@_exported public import Tensors
@_exported public import Training
