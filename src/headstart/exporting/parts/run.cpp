// What the file says of a prepared input, by ExecuTorch's C++ library, without Python and PyTorch.
//
//   ET=$(python -c "import importlib.util as u; print(*u.find_spec('executorch').submodule_search_locations)")
//   C10=$ET/include/executorch/runtime/core/portable_type/c10
//   g++ -std=c++17 -DC10_USING_CUSTOM_GENERATED_MACROS -DET_EVENT_TRACER_ENABLED -I$ET/include -I$C10 run.cpp -o run \
//     -L$ET/lib -Wl,-rpath,$ET/lib,--no-as-needed -lexecutorch -lexecutorch_kernels_optimized -lexecutorch_backend_xnnpack
//   ./run model.pte ENTRY INPUT ...      the numbers of each tensor as they lie in memory, one file each
#include <executorch/extension/module/module.h>
#include <executorch/extension/tensor/tensor.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

using namespace executorch;

int main(int count, char** given) {
  extension::Module module(given[1]);
  auto meta = module.method_meta(given[2]);
  std::vector<std::vector<char>> bytes;
  std::vector<extension::TensorPtr> tensors;
  std::vector<runtime::EValue> inputs;
  for (int i = 3; i < count; ++i) {
    std::ifstream file(given[i], std::ios::binary);
    bytes.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    auto info = meta->input_tensor_meta(i - 3);
    std::vector<int> sizes(info->sizes().begin(), info->sizes().end());
    tensors.push_back(extension::from_blob(bytes.back().data(), sizes, info->scalar_type()));
    inputs.emplace_back(*tensors.back());
  }
  auto found = module.execute(given[2], inputs);
  if (!found.ok()) {
    std::fprintf(stderr, "error 0x%x\n", static_cast<int>(found.error()));
    return 1;
  }
  auto answer = found->at(0).toTensor();
  for (int i = 0; i < answer.numel(); ++i) std::printf("%.9g\n", answer.const_data_ptr<float>()[i]);
}
