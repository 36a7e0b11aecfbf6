"""The number formats, by the names that people type."""

import torch

from sigmoid_lab.vocabulary import DtypeName

DTYPES: dict[DtypeName, torch.dtype] = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
}
