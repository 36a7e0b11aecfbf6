"""Passes on a GPU, recorded once and replayed: dozens of short kernels then start as one."""

import torch
from torch import Tensor

from sigmoid_lab.engine.backprop import Backpropagation, Gradients
from sigmoid_lab.engine.networks import Network, linear_layers
from sigmoid_lab.vocabulary import LossName


class Graphed:
    """The same passes, a CUDA graph for each size of mini-batch, with slopes and without."""

    def __init__(self, backpropagate: Backpropagation) -> None:
        self._backpropagate = backpropagate
        self._graphs: dict[tuple[int, bool], tuple[torch.cuda.CUDAGraph, Tensor, Tensor, Gradients]] = {}

    def __call__(self, x: Tensor, y: Tensor, slopes: bool = False) -> Gradients:
        """Return every network's gradients of its mean loss on its mini-batch, x (E, B, F) and y (E, B, K labels)."""
        key = x.shape[1], slopes
        if key not in self._graphs:
            self._graphs[key] = self._record(x.clone(), y.clone(), slopes)
        graph, own_x, own_y, gradients = self._graphs[key]
        own_x.copy_(x)
        own_y.copy_(y)
        graph.replay()
        return gradients

    def _record(self, x: Tensor, y: Tensor, slopes: bool) -> tuple[torch.cuda.CUDAGraph, Tensor, Tensor, Gradients]:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            self._backpropagate(x, y, slopes)  # what libraries set up at their first call cannot be recorded
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            gradients = self._backpropagate(x, y, slopes)
        return graph, x, y, gradients


def passes(network: Network, loss: LossName) -> Backpropagation | Graphed:
    """Return what backpropagates through a stack fastest where the stack is."""
    backpropagate = Backpropagation(network, loss)
    return Graphed(backpropagate) if linear_layers(network)[0].weight.is_cuda else backpropagate
