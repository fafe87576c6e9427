"""The training model, its sampler and its export, against each other. Needs torch; skipped without it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training import vocab  # noqa: E402
from training.corpus import sequence  # noqa: E402
from training.export import count_parameters, read_model, write_model  # noqa: E402
from training.grow import deepen, double_width  # noqa: E402
from training.llama import SHAPES, Llama, with_value_head, without_value_head  # noqa: E402
from training.quantise import quantise  # noqa: E402
from training.tiny import build  # noqa: E402
from training.train import Recipe, Trainer, average_runs, load_average  # noqa: E402
from training.verify import auc  # noqa: E402


def test_export_loads_in_transformers_with_the_same_output(tmp_path):
    transformers = pytest.importorskip("transformers")
    for head, kind in ((False, "LlamaForCausalLM"), (True, "LlamaForTokenClassification")):
        model = build(head)
        with torch.no_grad():
            for p in model.parameters():
                p.copy_(p.half().float())
        write_model(model, tmp_path / kind, bits=16)
        other = getattr(transformers, kind).from_pretrained(tmp_path / kind, torch_dtype=torch.float32).eval()
        ids = torch.tensor([[vocab.BOS, *vocab.encode("make 24: 4 6 7 8\n").tolist()]])
        with torch.no_grad():
            theirs = other(ids).logits
            ours = model(ids)
        assert torch.allclose(theirs if not head else theirs[..., 0], ours, atol=2e-4)


def test_exported_weights_read_back(tmp_path):
    for head in (False, True):
        model = build(head)
        write_model(model, tmp_path / str(head), bits=16)
        again = read_model(tmp_path / str(head))
        ids = torch.tensor([[vocab.BOS, *vocab.encode("make 24: 4 6 7 8\n").tolist()]])
        with torch.no_grad():
            assert torch.allclose(again(ids), model(ids), atol=0.05)


def test_int8_is_the_nearest_level_and_a_float16_number():
    torch.manual_seed(1)
    rows = torch.randn(64, 48) * torch.logspace(-6, 1, 64)[:, None]
    rows[0] = 0
    values, scales = quantise(rows)
    again = values.float() * scales.float()
    assert values.dtype == torch.int8 and scales.shape == (64, 1) and (values.abs() <= 127).all()
    assert torch.equal(again.half().float(), again)
    # Half a step, but where the row's largest weights are cut off for the sake of the others.
    assert ((again - rows).abs() <= scales.float() * 0.5 + 1e-9).float().mean() > 0.95
    plain_step = rows.abs().amax(1) / 127
    error = (again - rows).square().mean(1).sqrt()
    assert (error <= (plain_step * 0.5).clamp_min(2.0**-15)).all()


def test_int8_export_loads_in_transformers_and_reads_back(tmp_path):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("compressed_tensors")
    for head, kind in ((False, "LlamaForCausalLM"), (True, "LlamaForTokenClassification")):
        model, folder = build(head), tmp_path / kind
        write_model(model, folder, bits=8)
        write_model(model, tmp_path / "half", bits=16)
        assert count_parameters(folder) == count_parameters(tmp_path / "half")
        assert (folder / "model.safetensors").stat().st_size < 0.7 * (tmp_path / "half/model.safetensors").stat().st_size
        again = read_model(folder)
        other = getattr(transformers, kind).from_pretrained(folder, torch_dtype=torch.float32).eval()
        ids = torch.tensor([[vocab.BOS, *vocab.encode("make 24: 4 6 7 8\n").tolist()]])
        with torch.no_grad():
            theirs = other(ids).logits
            ours = again(ids)
            exact = model(ids)
        assert torch.allclose(theirs if not head else theirs[..., 0], ours, atol=2e-5)
        assert 0 < (ours - exact).abs().max() < 0.4


def test_terminators():
    tokens, ends = sequence("solve x+5=12", ["x=7"])
    assert tokens[ends].tolist() == [vocab.NEWLINE, vocab.EOS]


def test_auc():
    assert auc(np.array([0.1, 0.9]), np.array([0, 1])) == 1
    assert auc(np.array([0.5, 0.5, 0.5]), np.array([0, 1, 1])) == 0.5


def test_grown_models_begin_as_the_same_function(monkeypatch):
    monkeypatch.setattr("training.grow.NOISE", 0.0)
    model = Llama(SHAPES["small"])
    ids = torch.randint(9, 70, (2, 20))
    with torch.no_grad():
        for grown in (deepen(model, 2), double_width(model)):
            assert torch.allclose(grown(ids), model(ids), atol=1e-4)


def test_average_of_runs_is_the_mean_of_their_weights(tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for seed, folder in enumerate(folders):
        torch.manual_seed(seed)
        folder.mkdir()
        trainer = Trainer(folder, Llama(SHAPES["small"]), Recipe(1000, 0), compiled=False)
        trainer.save()
    average_runs(folders, tmp_path / "c")
    one, other, mean = (load_average(f / "checkpoint.pt").state_dict() for f in (*folders, tmp_path / "c"))
    for name, weight in mean.items():
        assert torch.allclose(weight, (one[name] + other[name]) / 2)
    assert not torch.allclose(one["embed.weight"], other["embed.weight"])


def test_the_language_model_inside_a_verifier_comes_out_unchanged():
    torch.manual_seed(3)
    policy = Llama(SHAPES["small"])
    with torch.no_grad():
        policy.norm.weight.mul_(torch.rand_like(policy.norm.weight) + 0.5)
    verifier = with_value_head(policy)
    with torch.no_grad():
        verifier.norm.weight.fill_(7.0)
    ids = torch.tensor([[vocab.BOS, *vocab.encode("make 24: 4 6 7 8\n").tolist()]])
    with torch.no_grad():
        assert torch.equal(without_value_head(verifier)(ids), policy(ids))
    assert without_value_head(policy) is policy
