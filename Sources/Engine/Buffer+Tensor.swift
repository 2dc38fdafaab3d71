/// Values copied out again and again.
package import Kernels
package import Tensors

extension Buffer {
  /// Copies the elements out as a tensor of this type, into the memory of the one that is there where
  /// nobody else holds that and it is as large.
  package func copy(into tensor: inout Tensor?, _ type: TensorType) {
    // The array that is copied to must have no other owner.
    if type.dtype == .float32 {
      var values: [Float] = []
      if case .float32(let old)? = tensor?.scalars { values = old }
      tensor = nil
      copy(into: &values)
      tensor = Tensor(type.shape, values)
    } else {
      var values: [Int32] = []
      if case .int32(let old)? = tensor?.scalars { values = old }
      tensor = nil
      copy(into: &values)
      tensor = Tensor(type.shape, values)
    }
  }
}
