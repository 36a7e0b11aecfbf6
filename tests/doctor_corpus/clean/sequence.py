"""Networks of sequences and of words."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import classes_of, labels_of, scores, sequences, tokens
from doctor_corpus.blocks import LastStep
from doctor_corpus.case import Case, Make


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(30, 12, padding_idx=0)
        self.lstm = nn.LSTM(12, 16, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(32, 4)

    def forward(self, words: Tensor) -> Tensor:
        return self.tag(self.lstm(self.embed(words))[0])


def bidirectional_tagger() -> Case:
    torch.manual_seed(0)
    words = tokens()

    def criterion(out: Tensor, tags: Tensor) -> Tensor:
        return F.cross_entropy(out.flatten(0, 1), tags.flatten())

    return {"model": Tagger(), "loss": criterion, "inputs": words, "targets": words % 4}


def gru_classifier() -> Case:
    torch.manual_seed(1)
    x = sequences()
    model = nn.Sequential(LastStep(nn.GRU(6, 16, 2, batch_first=True, dropout=0.1)), nn.Linear(16, 3))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 3)}


class PackedSentiment(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(30, 12)
        self.lstm = nn.LSTM(12, 16, batch_first=True)
        self.out = nn.Linear(16, 1)

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        return self.out(self.lstm(packed)[1][0][-1]).squeeze(-1)


def packed_lengths() -> Case:
    torch.manual_seed(2)
    words = tokens()
    inputs = {"words": words, "lengths": torch.arange(16) % 7 + 3}
    targets = (words[:, 0] > 14).float()
    return {"model": PackedSentiment(), "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class CausalLM(nn.Module):
    """Ties the output matrix to the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(30, 16)
        self.position = nn.Embedding(10, 16)
        nn.init.normal_(self.embed.weight, std=0.1)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(16)
        self.lm_head = nn.Linear(16, 30, bias=False)
        self.lm_head.weight = self.embed.weight

    def forward(self, words: Tensor) -> dict[str, Tensor]:
        steps = words.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(steps)
        h = self.embed(words) + self.position(torch.arange(steps))
        return {"logits": self.lm_head(self.norm(self.block(h, src_mask=mask, is_causal=True)))}


def language_model_with_tied_weights() -> Case:
    torch.manual_seed(3)
    words = (torch.randint(30, (8, 1)) + torch.arange(11)) % 30

    def criterion(out: dict[str, Tensor], following: Tensor) -> Tensor:
        return F.cross_entropy(out["logits"].transpose(1, 2), following)

    return {"model": CausalLM(), "loss": criterion, "inputs": words[:, :-1], "targets": words[:, 1:]}


class Translator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.GRU(6, 16, batch_first=True)
        self.cell = nn.GRUCell(16, 16)
        self.out = nn.Linear(32, 6)

    def forward(self, source: Tensor) -> Tensor:
        memory, state = self.encoder(source)
        h, context, outputs = state[0], memory.mean(1), []
        for _ in range(4):
            h = self.cell(context, h)
            weights = torch.softmax(torch.einsum("bd,btd->bt", h, memory) / 4, dim=-1)
            context = torch.einsum("bt,btd->bd", weights, memory)
            outputs.append(self.out(torch.cat([h, context], -1)))
        return torch.stack(outputs, dim=1)


def sequence_to_sequence_attention() -> Case:
    torch.manual_seed(4)
    x = sequences()
    return {"model": Translator(), "loss": nn.MSELoss(), "inputs": x, "targets": x[:, :4].flip(1)}


class Causal(nn.Module):
    def __init__(self, channels: int, out: int, dilation: int) -> None:
        super().__init__()
        self.pad = 2 * dilation
        self.conv = nn.utils.parametrizations.weight_norm(nn.Conv1d(channels, out, 3, dilation=dilation))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(F.pad(x, (self.pad, 0))))


def temporal_convolutions() -> Case:
    torch.manual_seed(5)
    x = sequences(steps=16).transpose(1, 2)
    model = nn.Sequential(Causal(6, 12, 1), Causal(12, 12, 2), Causal(12, 12, 4), nn.Conv1d(12, 1, 1))
    return {"model": model, "loss": nn.SmoothL1Loss(), "inputs": x, "targets": x[:, :1].cumsum(2) / 4}


class OwnLSTM(nn.Module):
    """Gates written out: sigmoids and tanhs in plenty, none of them at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.Linear(6 + 12, 48)
        self.read = nn.Linear(12, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = c = torch.zeros(len(x), 12)
        for step in x.unbind(1):
            i, f, g, o = self.gates(torch.cat([step, h], 1)).chunk(4, dim=1)
            c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return self.read(h)


def lstm_by_hand() -> Case:
    torch.manual_seed(6)
    x = sequences()
    return {"model": OwnLSTM(), "loss": nn.BCEWithLogitsLoss(), "inputs": x, "targets": labels_of(x)}


def bag_of_words() -> Case:
    torch.manual_seed(7)
    words = tokens()
    model = nn.Sequential(nn.EmbeddingBag(30, 12), nn.Linear(12, 3))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": words, "targets": words[:, 0] % 3}


class OwnAttention(nn.Module):
    """Masks before the softmax, with −∞."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(6, 48)
        self.out = nn.Linear(16, 2)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        b, t, _ = x.shape
        q, k, v = (part.view(b, t, 2, 8).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        scores = (q @ k.transpose(-1, -2)) / 8**0.5
        weights = scores.masked_fill(padding[:, None, None, :], float("-inf")).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(b, t, 16).mean(1))


def masked_attention_by_hand() -> Case:
    torch.manual_seed(8)
    x = sequences()
    padding = torch.zeros(16, 10, dtype=torch.bool)
    padding[::2, 7:] = True
    return {"model": OwnAttention(), "loss": nn.MSELoss(), "inputs": (x, padding), "targets": scores(x, 2)}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        bidirectional_tagger,
        gru_classifier,
        packed_lengths,
        language_model_with_tied_weights,
        sequence_to_sequence_attention,
        temporal_convolutions,
        lstm_by_hand,
        bag_of_words,
        masked_attention_by_hand,
    )
}
