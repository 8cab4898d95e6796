"""Which JSON documents of a model folder are told by what, and which of their keys are stated.

The keys are those of the configurations that transformers, diffusers, peft, sentence-transformers,
datasets and their trainers write (transformers/configuration_utils.py, the `configuration_*.py` of
its models, trainer_callback.py, and so on).
"""

from __future__ import annotations

from ..record import record


@record
class Role:
    """What a document is for."""

    signs: tuple[str, ...] = ()  # keys of which one is enough
    names: tuple[str, ...] = ()  # of files whose keys cannot tell
    told: frozenset[str] | None = frozenset()  # keys whose values are stated; None is all of them
    apart: frozenset[str] = frozenset()  # keys that are told in another way
    nests: bool = False  # whether an object inside is a configuration of its own


IDENTITY = """
    model_type architectures _class_name _name_or_path name_or_path _diffusers_version
    transformers_version torch_dtype dtype finetuning_task problem_type is_encoder_decoder
    is_decoder peft_version quant_method
"""
CONTEXT = """
    max_position_embeddings n_positions n_ctx seq_length max_seq_len max_seq_length max_length
    max_sequence_length model_max_length max_source_positions max_target_positions
    original_max_position_embeddings sliding_window use_sliding_window max_window_layers
    attention_window attention_chunk_size rope_theta rope_scaling rope_parameters
    partial_rotary_factor rotary_dim rotary_pct position_embedding_type alibi
    relative_attention_max_distance relative_attention_num_buckets
"""
SIZES = """
    vocab_size type_vocab_size hidden_size n_embd d_model dim hidden_dim embedding_size
    num_hidden_layers num_layers n_layer n_layers encoder_layers decoder_layers num_decoder_layers
    num_attention_heads num_heads n_head n_heads encoder_attention_heads decoder_attention_heads
    num_key_value_heads num_kv_heads n_head_kv multi_query head_dim d_kv d_ff intermediate_size
    ffn_dim encoder_ffn_dim decoder_ffn_dim n_inner ffn_hidden_size word_embed_proj_dim
    projection_dim state_size conv_kernel expand time_step_rank layer_types
    hidden_act activation_function hidden_activation attention_bias mlp_bias
    tie_word_embeddings tie_encoder_decoder use_cache depths hidden_sizes ffn_config attn_config
"""
EXPERTS = """
    num_local_experts num_experts n_routed_experts n_shared_experts num_shared_experts
    num_experts_per_tok num_experts_per_token moe_intermediate_size moe_num_experts moe_topk
    shared_expert_intermediate_size first_k_dense_replace moe_layer_freq decoder_sparse_step
    n_group topk_group routed_scaling_factor kv_lora_rank q_lora_rank qk_nope_head_dim
    qk_rope_head_dim v_head_dim expert_capacity num_sparse_encoder_layers
"""
SENSES = """
    image_size patch_size num_channels num_frames sampling_rate num_mel_bins feature_size
    image_token_id image_token_index video_token_id audio_token_id vision_feature_layer
    spatial_merge_size temporal_patch_size num_labels id2label sample_size in_channels out_channels
    latent_channels cross_attention_dim block_out_channels attention_head_dim scaling_factor
    prediction_type num_train_timesteps beta_schedule beta_start beta_end
"""
TOKENS = """
    bos_token_id eos_token_id pad_token_id unk_token_id sep_token_id mask_token_id
    decoder_start_token_id forced_bos_token_id forced_eos_token_id
"""
TRAINING = """
    quantization_config quantization compression_config task_specific_params dropout
    hidden_dropout_prob attention_probs_dropout_prob attention_dropout resid_pdrop embd_pdrop
    attn_pdrop initializer_range rms_norm_eps layer_norm_eps layer_norm_epsilon
"""
CONFIG = frozenset(f"{IDENTITY} {CONTEXT} {SIZES} {EXPERTS} {SENSES} {TOKENS} {TRAINING}".split())

TOKENIZER = """
    tokenizer_class model_max_length max_length add_bos_token add_eos_token add_prefix_space
    bos_token eos_token pad_token unk_token sep_token cls_token mask_token padding_side
    truncation_side do_lower_case clean_up_tokenization_spaces legacy name_or_path processor_class
    tokenizer_type language task
"""
PROCESSOR = """
    processor_class image_processor_type feature_extractor_type video_processor_type
    sampling_rate feature_size num_mel_bins chunk_length n_fft hop_length n_samples padding_value
    size crop_size image_mean image_std rescale_factor resample do_resize do_center_crop
    do_rescale do_normalize do_convert_rgb do_pad patch_size merge_size temporal_patch_size
    min_pixels max_pixels image_size num_channels return_attention_mask
"""
TRAINER = """
    best_metric best_model_checkpoint epoch global_step max_steps num_train_epochs
    num_input_tokens_seen total_flos train_batch_size logging_steps eval_steps save_steps
    is_hyper_param_search trial_name
"""
DATASET = """
    dataset_name builder_name config_name description citation homepage license version splits
    download_size dataset_size size_in_bytes task_templates
"""

SPACY = """
    lang name version description author email url spacy_version spacy_git_version pipeline
"""

ROLES: dict[str, Role] = {
    "adapter": Role(("peft_type", "base_model_name_or_path", "auto_mapping"), told=None),
    "config": Role(
        ("model_type", "architectures", "_class_name", "auto_map", "custom_pipelines"),
        told=CONFIG,
        nests=True,
    ),
    "tokenizer": Role(("tokenizer_class", "chat_template"), told=frozenset(TOKENIZER.split())),
    "processor": Role(
        ("processor_class", "image_processor_type", "feature_extractor_type"),
        told=frozenset(PROCESSOR.split()),
    ),
    "index": Role(("weight_map",), told=frozenset({"metadata"})),
    "layer": Role(
        ("activation_function",),
        told=frozenset({"activation_function", "in_features", "out_features"}),
    ),
    "trainer": Role(
        ("log_history",), told=frozenset(TRAINER.split()), apart=frozenset({"log_history"})
    ),
    "dataset": Role(
        ("dataset_name", "builder_name"),
        ("dataset_info.json",),
        told=frozenset(DATASET.split()),
    ),
    "pooling": Role(
        ("pooling_mode", "pooling_mode_mean_tokens", "similarity_fn_name"),
        ("config_sentence_transformers.json",),
        told=None,
    ),
    "image model": Role(("pretrained_cfg", "model_cfg"), told=None),  # timm, open_clip
    "keras": Role(("keras_version",), told=None),
    "skops": Role(("sklearn",), told=None),
    "spacy": Role(("spacy_version",), told=frozenset(SPACY.split())),
    "quantisation": Role(names=("quantize_config.json", "quant_config.json"), told=None),
    "parameters": Role(names=("params.json",), told=CONFIG),  # Llama's and Mistral's own
    "generation": Role(names=("generation_config.json",), told=None),
    "results": Role(
        names=("all_results.json", "eval_results.json", "train_results.json"), told=None
    ),
    "sentences": Role(names=("sentence_bert_config.json",), told=None),
    "special tokens": Role(names=("special_tokens_map.json",), told=None),
    "vocabulary": Role(
        names=("tokenizer.json",),
        told=frozenset({"version", "truncation", "padding"}),
        apart=frozenset(
            {"model", "normalizer", "pre_tokenizer", "post_processor", "decoder", "added_tokens"}
        ),
    ),
}
